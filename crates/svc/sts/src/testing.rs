//! A world with users, roles and an organization in it, for unit tests.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use garrison_crypto::LockedSecret;
use garrison_crypto::kdf::DerivationKey;
use garrison_kernel::access_key::AccessKeyIds;
use garrison_kernel::identity::{Identities, Membership, Organization, Organizations, PrincipalPolicies};
use garrison_kernel::ports::{IdentityDirectory, OpenIdProvider, Role, SamlProvider};
use garrison_kernel::principal::User;
use garrison_kernel::session_token::{OpenedSession, SessionTokens};
use garrison_kernel::{Caller, Context, Principal};
use garrison_policy::CompiledPolicy;
use garrison_schema::ApiError;
use garrison_testkit::{ACCOUNT, REGION, TestKernel};
use garrison_types::{AccountId, Timestamp};
use parking_lot::Mutex;
use serde_json::Value;

use crate::issuers::Issuers;
use crate::service::{Sts, StsService};

/// The one-time code that is right for every device.
pub(crate) const CODE: &str = "123456";
/// An account that is a member of an organization whose management account is [`ACCOUNT`].
pub(crate) const MEMBER: &str = "444455556666";
/// An account on its own.
pub(crate) const STRANGER: &str = "777788889999";
/// The issuer of the account's outbound web identities.
pub(crate) const OUTBOUND: &str = "https://issuer.example";

/// What tests put into the directory.
#[derive(Default)]
pub(crate) struct Known {
    statements: HashMap<String, Vec<String>>,
    roles: Vec<Arc<Role>>,
    open_id: Vec<(AccountId, Arc<OpenIdProvider>)>,
    saml: Vec<Arc<SamlProvider>>,
    used: Vec<String>,
    outbound: bool,
    root_sessions: bool,
}

struct Fake {
    known: Arc<Mutex<Known>>,
    ids: Arc<AccessKeyIds>,
}

fn compiled(statement: &str) -> Arc<CompiledPolicy> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
    let policy = CompiledPolicy::from_stored("test", text.as_bytes());
    assert!(policy.poison().is_none(), "{text}");
    Arc::new(policy)
}

#[async_trait]
impl Identities for Fake {
    fn cached(&self, _: &Principal) -> Option<Arc<PrincipalPolicies>> {
        None
    }

    async fn policies(&self, principal: &Principal) -> Result<Arc<PrincipalPolicies>, ApiError> {
        let name = match principal {
            Principal::User(user) => user.name.to_string(),
            Principal::AssumedRole(role) => role.role_name.to_string(),
            _ => String::new(),
        };
        let known = self.known.lock();
        let policies: Vec<_> =
            known.statements.get(&name).into_iter().flatten().map(|text| compiled(text)).collect();
        Ok(Arc::new(PrincipalPolicies {
            policies: garrison_policy::IndexedPolicies::new(policies),
            boundary: None,
            tags: Vec::new(),
        }))
    }

    async fn managed_policy(&self, _: &str) -> Result<Option<Arc<CompiledPolicy>>, ApiError> {
        Ok(None)
    }
}

#[async_trait]
impl Organizations for Fake {
    fn cached(&self, account: AccountId) -> Option<Arc<Membership>> {
        let organization = [ACCOUNT, MEMBER].contains(&account.as_str()).then(|| Organization {
            id: "o-example".into(),
            path: "o-example/r-root/".into(),
            management_account: ACCOUNT.parse().unwrap(),
        });
        Some(Arc::new(Membership { organization, ..Membership::default() }))
    }

    async fn membership(&self, account: AccountId) -> Result<Arc<Membership>, ApiError> {
        Ok(Organizations::cached(self, account).unwrap())
    }
}

#[async_trait]
impl IdentityDirectory for Fake {
    async fn role(&self, account: AccountId, name: &str) -> Result<Option<Arc<Role>>, ApiError> {
        let known = self.known.lock();
        Ok(known.roles.iter().find(|role| role.account == account && *role.name == *name).cloned())
    }

    async fn open_id_provider(
        &self,
        account: AccountId,
        url: &str,
    ) -> Result<Option<Arc<OpenIdProvider>>, ApiError> {
        let known = self.known.lock();
        let found = known.open_id.iter().find(|(owner, known)| *owner == account && *known.url == *url);
        Ok(found.map(|(_, provider)| Arc::clone(provider)))
    }

    async fn saml_provider(
        &self,
        account: AccountId,
        name: &str,
    ) -> Result<Option<Arc<SamlProvider>>, ApiError> {
        let arn = format!("arn:aws:iam::{account}:saml-provider/{name}");
        Ok(self.known.lock().saml.iter().find(|provider| *provider.arn == *arn).cloned())
    }

    async fn verify_mfa(
        &self,
        principal: &Principal,
        serial_number: &str,
        code: &str,
        _: Timestamp,
    ) -> Result<bool, ApiError> {
        let own = matches!(principal, Principal::User(user)
            if *serial_number == format!("arn:aws:iam::{}:mfa/{}", user.account, user.name));
        Ok(own && code == CODE)
    }

    async fn managed_policy_text(&self, arn: &str) -> Result<Option<Arc<str>>, ApiError> {
        Ok((arn == "arn:aws:iam::aws:policy/Known").then(|| "{}".into()))
    }

    async fn outbound_issuer(&self, account: AccountId) -> Result<Option<Arc<str>>, ApiError> {
        Ok((account.as_str() == ACCOUNT && self.known.lock().outbound).then(|| OUTBOUND.into()))
    }

    fn role_used(&self, _: AccountId, role_name: &str, _: &Context) {
        self.known.lock().used.push(role_name.to_owned());
    }

    async fn root_sessions_enabled(&self, management_account: AccountId) -> Result<bool, ApiError> {
        Ok(management_account.as_str() == ACCOUNT && self.known.lock().root_sessions)
    }

    fn account_of_access_key(&self, access_key_id: &str) -> Option<AccountId> {
        self.ids.recognise(access_key_id)
    }
}

/// STS on a kernel on a temporary store.
pub(crate) struct World {
    pub(crate) test: TestKernel,
    pub(crate) sts: Arc<Sts>,
    service: StsService,
    known: Arc<Mutex<Known>>,
}

impl World {
    /// With `alice`, who may do everything, and no roles.
    pub(crate) fn new() -> Self {
        let known: Arc<Mutex<Known>> = Arc::default();
        let secret = LockedSecret::copy_of(&[7; 32]).unwrap();
        let ids = Arc::new(AccessKeyIds::new(DerivationKey::new(&secret)));
        let fake = Arc::new(Fake { known: Arc::clone(&known), ids: Arc::clone(&ids) });
        let (mut sealer, parts) = (None, Arc::clone(&fake));
        let test = TestKernel::with_parts(|made| {
            made.identities = Arc::clone(&parts) as _;
            made.organizations = parts as _;
            sealer = Some(Arc::clone(&made.sealer));
        });
        let tokens = Arc::new(SessionTokens::new(sealer.unwrap(), ids, 16));
        let sts = Sts::new(Arc::clone(&test.kernel), fake, tokens, Issuers::new(Vec::new()));
        let world = Self { test, service: StsService::new(&sts), sts, known };
        world.allow("alice", r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#);
        world
    }

    /// Gives a user or a role, by its name, one more statement.
    pub(crate) fn allow(&self, name: &str, statement: &str) {
        self.known.lock().statements.entry(name.to_owned()).or_default().push(statement.to_owned());
    }

    /// A role with a trust policy of one statement. Answers its ARN.
    pub(crate) fn role(&self, account: &str, name: &str, trust: &str) -> String {
        let arn = format!("arn:aws:iam::{account}:role/{name}");
        self.known.lock().roles.push(Arc::new(Role {
            account: account.parse().unwrap(),
            name: name.rsplit('/').next().unwrap().into(),
            id: "AROAEXAMPLE".into(),
            arn: arn.as_str().into(),
            trust: compiled(trust),
            max_session: 7200,
            tags: Vec::new(),
        }));
        arn
    }

    /// Changes what the directory knows.
    pub(crate) fn know(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.lock());
    }

    /// The roles that were used.
    pub(crate) fn used(&self) -> Vec<String> {
        self.known.lock().used.clone()
    }

    /// A call's context: the account's root user.
    pub(crate) fn root(&self) -> Context {
        self.test.context(ACCOUNT, REGION)
    }

    /// The same with a user as caller.
    pub(crate) fn user(&self, name: &str) -> Context {
        self.user_of(ACCOUNT, name)
    }

    /// A user of an account.
    pub(crate) fn user_of(&self, account: &str, name: &str) -> Context {
        let mut cx = self.test.context(account, REGION);
        let principal = Principal::User(Arc::new(User {
            account: account.parse().unwrap(),
            name: name.into(),
            id: "AIDAEXAMPLE".into(),
            arn: format!("arn:aws:iam::{account}:user/{name}").into(),
        }));
        cx.caller = Caller::new(principal, Some("AKIAEXAMPLE".into()));
        cx
    }

    /// Nobody: the request carries no signature.
    pub(crate) fn anonymous(&self) -> Context {
        let mut cx = self.root();
        cx.caller = Caller::new(Principal::Anonymous, None);
        cx
    }

    /// A call with the credentials that an operation answered.
    pub(crate) fn of_session(&self, output: &Value) -> Context {
        let mut cx = self.root();
        cx.caller = self.open(output).caller.clone();
        cx
    }

    /// What the credentials stand for that an operation answered.
    pub(crate) fn open(&self, output: &Value) -> Arc<OpenedSession> {
        let text = |name: &str| output["Credentials"][name].as_str().unwrap();
        let session =
            self.sts.tokens().open(text("SessionToken"), text("AccessKeyId"), self.root().time).unwrap();
        assert_eq!(session.secret.expose(), text("SecretAccessKey").as_bytes());
        session
    }

    /// Calls an operation.
    pub(crate) async fn call(&self, operation: &str, cx: &Context, input: Value) -> Result<Value, ApiError> {
        // A member that is null is one that is absent.
        let present = input.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
        let input = Value::Object(present.map(|(name, value)| (name.clone(), value.clone())).collect());
        self.test.call(&self.service, operation, cx, &input).await
    }

    /// What the caller lacks for a call: the action and the resource, as the denial names them.
    pub(crate) async fn demands(&self, operation: &str, cx: &Context, input: Value) -> (String, String) {
        let (name, message) = name_and_message(self.call(operation, cx, input).await);
        assert!(name.starts_with("AccessDenied"), "{operation}: {name}: {message}");
        let (_, rest) = message.split_once("perform: ").expect(&message);
        let what = rest.split_once(" because").map_or(rest, |(what, _)| what);
        let (action, resource) = what.split_once(" on resource: ").unwrap_or((what, "*"));
        (action.to_owned(), resource.to_owned())
    }
}

impl Known {
    /// Switches outbound web identities on.
    pub(crate) fn enable_outbound(&mut self) {
        self.outbound = true;
    }

    /// Lets the management account use `AssumeRoot`.
    pub(crate) fn enable_root_sessions(&mut self) {
        self.root_sessions = true;
    }

    /// Adds an OpenID Connect provider of [`ACCOUNT`].
    pub(crate) fn add_open_id(&mut self, provider: OpenIdProvider) {
        self.open_id.push((ACCOUNT.parse().unwrap(), Arc::new(provider)));
    }

    /// Adds a SAML provider.
    pub(crate) fn add_saml(&mut self, provider: SamlProvider) {
        self.saml.push(Arc::new(provider));
    }
}

/// The error of a call that fails.
pub(crate) fn name_and_message(result: Result<Value, ApiError>) -> (&'static str, String) {
    let error = result.expect_err("it fails");
    (error.schema.name, error.message.to_string())
}
