//! A world with IAM in it, for unit tests.

use std::sync::Arc;

use garrison_clock::Clock as _;
use garrison_crypto::LockedSecret;
use garrison_crypto::kdf::DerivationKey;
use garrison_crypto::seal::DomainKey;
use garrison_kernel::access_key::AccessKeyIds;
use garrison_kernel::identity::{Credential, CredentialError, Credentials as _};
use garrison_kernel::ports::IdentityDirectory as _;
use garrison_kernel::{Caller, Context, DecisionOptions, Parts, Principal, principal};
use garrison_schema::ApiError;
use garrison_store::WriteSet;
use garrison_testkit::{ACCOUNT, REGION, TestKernel};
use serde_json::{Value, json};

use crate::access_keys::{AccessKeyParts, AccessKeys};
use crate::directory::Directory;
use crate::records::{Policies, Role, Tags, Time, User};
use crate::repo;
use crate::service::{Iam, IamService};
use crate::totp;

/// A trust policy.
pub(crate) const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
/// A policy of a user, group or role.
pub(crate) const DOCUMENT: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;

/// IAM on a kernel on a temporary store, whose directory the kernel asks.
pub(crate) struct World {
    pub(crate) test: TestKernel,
    pub(crate) iam: Arc<Iam>,
    pub(crate) service: IamService,
    pub(crate) access_keys: Arc<AccessKeys>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// A world on a kernel of other parts.
    pub(crate) fn with(change: impl FnOnce(&mut Parts)) -> Self {
        let mut directory = None;
        let test = TestKernel::with_parts(|parts| {
            let made = directory.insert(Directory::new(&parts.store));
            parts.identities = Arc::clone(made) as _;
            change(parts);
        });
        let kernel = &test.kernel;
        let secret = LockedSecret::random(32, kernel.rng()).unwrap();
        let sealer = Arc::new(DomainKey::generate(kernel.rng()).unwrap().into_sealer());
        let access_keys = AccessKeys::new(AccessKeyParts {
            ids: Arc::new(AccessKeyIds::new(DerivationKey::new(&secret))),
            store: Arc::clone(kernel.store()),
            sealer,
            tokens: None,
            clock: Arc::clone(kernel.clock()),
            development: true,
        });
        let iam = Iam::new(Arc::clone(kernel), Arc::clone(&access_keys), directory.unwrap());
        Self { service: IamService::new(&iam), iam, access_keys, test }
    }

    /// A call's context: the account's root user.
    pub(crate) fn root(&self) -> Context {
        self.test.context(ACCOUNT, REGION)
    }

    /// The same with a user as caller, who may do nothing.
    pub(crate) fn user(&self, name: &str) -> Context {
        let mut cx = self.root();
        let principal = Principal::User(Arc::new(principal::User {
            account: cx.account(),
            name: name.into(),
            id: "AIDAEXAMPLE".into(),
            arn: format!("arn:aws:iam::{ACCOUNT}:user/{name}").into(),
        }));
        cx.caller = Caller::new(principal, Some("AKIAEXAMPLE".into()));
        cx
    }

    /// Calls an operation as the account's root user.
    pub(crate) async fn try_call(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.test.call(&self.service, operation, &self.root(), &input).await
    }

    /// Calls an operation as the account's root user; it answers.
    pub(crate) async fn call(&self, operation: &str, input: Value) -> Value {
        match self.try_call(operation, input).await {
            Ok(output) => output,
            Err(error) => panic!("{operation}: {}: {}", error.schema.name, error.message),
        }
    }

    /// The error that an operation answers to the account's root user: its name and message.
    pub(crate) async fn error(&self, operation: &str, input: Value) -> (&'static str, String) {
        let error = self.try_call(operation, input).await.expect_err(operation);
        (error.schema.name, error.message.to_string())
    }

    /// Makes a role that EC2 may assume.
    pub(crate) async fn role(&self, name: &str) {
        self.call("CreateRole", json!({"RoleName": name, "AssumeRolePolicyDocument": TRUST})).await;
    }

    /// Puts a service-linked role there, and gives its name.
    pub(crate) async fn service_linked_role(&self) -> String {
        let name = "AWSServiceRoleForTests";
        let role = Role {
            name: name.to_owned(),
            path: "/aws-service-role/tests.amazonaws.com/".to_owned(),
            id: "AROATESTS".to_owned(),
            created: Time(self.root().time),
            trust: TRUST.to_owned(),
            max_session: 3600,
            description: None,
            tags: Tags::default(),
            boundary: None,
            policies: Policies::default(),
        };
        let mut writes = WriteSet::new();
        repo::create(&mut writes, self.root().account(), &role);
        self.iam.repo().store().commit(writes).await.unwrap();
        name.to_owned()
    }

    /// Makes a customer managed policy, and gives its ARN.
    pub(crate) async fn policy(&self, name: &str) -> String {
        let made = self.call("CreatePolicy", json!({"PolicyName": name, "PolicyDocument": DOCUMENT})).await;
        made["Policy"]["Arn"].as_str().unwrap().to_owned()
    }

    /// A call's context: a user that exists.
    pub(crate) async fn as_user(&self, name: &str) -> Context {
        let mut cx = self.root();
        let user = self.iam.repo().get::<User>(cx.account(), name).await.unwrap().unwrap();
        cx.caller = Caller::new(user.principal(cx.partition(), cx.account()), Some("AKIAEXAMPLE".into()));
        cx
    }

    /// Calls an operation as somebody.
    pub(crate) async fn try_as(
        &self,
        cx: &Context,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        self.test.call(&self.service, operation, cx, &input).await
    }

    /// Who signs with an access key.
    pub(crate) async fn credential(&self, access_key_id: &str) -> Result<Credential, CredentialError> {
        self.access_keys.find(access_key_id, None).await.unwrap()
    }

    /// Makes a virtual MFA device, and gives its serial number and seed.
    pub(crate) async fn mfa_device(&self, name: &str) -> (String, Vec<u8>) {
        let made = self.call("CreateVirtualMFADevice", json!({"VirtualMFADeviceName": name})).await;
        let device = &made["VirtualMFADevice"];
        let seed = device["Base32StringSeed"].as_str().unwrap();
        let seed = base64_simd::STANDARD.decode_to_vec(seed).unwrap();
        (device["SerialNumber"].as_str().unwrap().to_owned(), from_base32(&seed))
    }

    /// Makes a virtual MFA device and enables it for a user with codes that are a minute old.
    pub(crate) async fn enable(&self, device: &str, user: &str) -> (String, Vec<u8>) {
        let (serial, seed) = self.mfa_device(device).await;
        let [one, two] = codes(self, &seed, [-2, -1]);
        let input = json!({
            "UserName": user, "SerialNumber": serial, "AuthenticationCode1": one, "AuthenticationCode2": two,
        });
        self.call("EnableMFADevice", input).await;
        (serial, seed)
    }

    /// Whether a code is right now for somebody's device; it is used up.
    pub(crate) async fn verify_mfa(&self, principal: &Principal, serial_number: &str, code: &str) -> bool {
        let now = self.test.clock.protocol_now();
        self.iam.verify_mfa(principal, serial_number, code, now).await.unwrap()
    }

    /// What a user without policies lacks for a call: the action and the resource, as authorization asked about them.
    pub(crate) async fn demands(&self, operation: &str, input: Value) -> (String, String) {
        let kernel = &self.test.kernel;
        kernel.watch_decisions(DecisionOptions { traces: true, usage: false });
        let cx = self.user("nobody");
        let error = self.test.call(&self.service, operation, &cx, &input).await.expect_err(operation);
        assert_eq!(error.schema.name, "AccessDenied", "{operation}: {}", error.message);
        let traces = kernel.decisions().unwrap().take(cx.request_id).unwrap();
        let text = |name: &str| traces.last().unwrap()[name].as_str().unwrap().to_owned();
        let (action, resource) = (text("action"), text("resource"));
        assert!(
            error.message.contains(&format!("is not authorized to perform: {action} ")),
            "{}",
            error.message
        );
        (action, resource)
    }
}

/// The codes of a device so many time steps from now.
pub(crate) fn codes<const N: usize>(world: &World, seed: &[u8], steps: [i64; N]) -> [String; N] {
    let now = totp::step_at(world.test.clock.protocol_now());
    steps.map(|step| totp::code(seed, now + step))
}

/// What stands in a seed as it is shown.
fn from_base32(text: &[u8]) -> Vec<u8> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for digit in text {
        let value = if digit.is_ascii_uppercase() { digit - b'A' } else { digit - b'2' + 26 };
        bits = (bits << 5 | u32::from(value)) & 0xffff;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}
