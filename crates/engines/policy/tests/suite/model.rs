//! Requests and policy sets as the case files write them.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use garrison_policy::{
    CompiledPolicy, Decision, GrantRef, IndexedPolicies, KeyList, Limits, OrganizationRef, PolicyDocument,
    PolicyLevel, PolicySet, Principal, PrincipalKind, Request, ResourcePolicy, ResourcePolicyKind,
    Value as Given, Values, evaluate,
};
use garrison_types::Timestamp;
use serde_json::{Value, json};

/// The account of most principals and resources.
pub(crate) const HOME: &str = "111122223333";

/// A value of a condition key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Val {
    Str(String),
    Int(i64),
    Bool(bool),
    Millis(i64),
    Ip(IpAddr),
    Bytes(Vec<u8>),
}

impl Val {
    fn given(&self) -> Given<'_> {
        match self {
            Self::Str(text) => Given::Str(text),
            Self::Int(number) => Given::Int(*number),
            Self::Bool(value) => Given::Bool(*value),
            Self::Millis(millis) => Given::Time(Timestamp::from_millis(*millis)),
            Self::Ip(address) => Given::Ip(*address),
            Self::Bytes(bytes) => Given::Bytes(bytes),
        }
    }

    fn read(json: &Value) -> Self {
        match json {
            Value::String(text) => Self::Str(text.clone()),
            Value::Number(number) => Self::Int(number.as_i64().unwrap()),
            Value::Bool(value) => Self::Bool(*value),
            Value::Object(object) if object.contains_key("millis") => {
                Self::Millis(object["millis"].as_i64().unwrap())
            }
            Value::Object(object) if object.contains_key("ip") => {
                Self::Ip(object["ip"].as_str().unwrap().parse().unwrap())
            }
            Value::Object(object) => Self::Bytes(object["bytes"].as_str().unwrap().as_bytes().to_vec()),
            other => panic!("not a value: {other}"),
        }
    }
}

/// The values of a condition key: one, or a list.
pub(crate) fn read_values(json: &Value) -> Vec<Val> {
    json.as_array().map_or_else(|| vec![Val::read(json)], |list| list.iter().map(Val::read).collect())
}

/// A principal by a short name.
#[derive(Debug, Clone)]
pub(crate) struct Who {
    pub(crate) kind: PrincipalKind,
    pub(crate) arn: String,
    pub(crate) account: Option<String>,
    pub(crate) user_id: String,
    pub(crate) issuer: Option<String>,
    pub(crate) session_tags: Vec<(String, String)>,
    pub(crate) tags: Vec<(String, String)>,
    /// Id and path of the organization.
    pub(crate) organization: Option<(String, String)>,
    pub(crate) service_names: Vec<String>,
}

impl Who {
    /// `ann`, `session`, … of the home account; with `other-` in front, of account 444455556666.
    pub(crate) fn named(name: &str) -> Self {
        let (account, name) = name.strip_prefix("other-").map_or((HOME, name), |rest| ("444455556666", rest));
        let iam = |resource: &str| format!("arn:aws:iam::{account}:{resource}");
        let sts = |resource: &str| format!("arn:aws:sts::{account}:{resource}");
        let (kind, arn, user_id, issuer) = match name {
            "root" => (PrincipalKind::Root, iam("root"), account.to_owned(), None),
            "ann" => (PrincipalKind::User, iam("user/ann"), "AIDAANNANNANNANN".to_owned(), None),
            "bob" => (PrincipalKind::User, iam("user/team/bob"), "AIDABOBBOBBOBBOB".to_owned(), None),
            "role" => (PrincipalKind::Role, iam("role/app"), "AROAAPPAPPAPPAPP".to_owned(), None),
            "session" => (
                PrincipalKind::AssumedRole,
                sts("assumed-role/app/s1"),
                "AROAAPPAPPAPPAPP:s1".to_owned(),
                Some(iam("role/app")),
            ),
            // A session of a service-linked role.
            "linked" => (
                PrincipalKind::AssumedRole,
                sts("assumed-role/AWSServiceRoleForSupport/s1"),
                "AROASLRSLRSLRSLR:s1".to_owned(),
                Some(iam("role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport")),
            ),
            // A session whose tag overrides one of the role's, in an organization.
            "tagged" => (
                PrincipalKind::AssumedRole,
                sts("assumed-role/team/app/t1"),
                "AROATAGTAGTAGTAG:t1".to_owned(),
                Some(iam("role/team/app")),
            ),
            "federated" => (
                PrincipalKind::FederatedUser,
                sts("federated-user/fed"),
                format!("{account}:fed"),
                Some(iam("user/ann")),
            ),
            "anonymous" => return Self::alone(PrincipalKind::Anonymous, "", "anonymous"),
            "google" => return Self::alone(PrincipalKind::WebIdentity, "accounts.google.com", ""),
            "oidc" => {
                let provider = iam("oidc-provider/token.actions.githubusercontent.com");
                return Self::alone(PrincipalKind::WebIdentity, &provider, "");
            }
            "saml" => return Self::alone(PrincipalKind::WebIdentity, &iam("saml-provider/adfs"), ""),
            service => {
                let names = service.split_once('.').map(|(name, rest)| format!("{name}.eu-west-1.{rest}"));
                return Self {
                    service_names: std::iter::once(service.to_owned()).chain(names).collect(),
                    ..Self::alone(PrincipalKind::Service, service, "")
                };
            }
        };
        let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let tagged = name == "tagged";
        Self {
            account: Some(account.to_owned()),
            issuer,
            session_tags: if tagged { pairs(&[("Team", "blue"), ("cost", "7")]) } else { Vec::new() },
            tags: if tagged { pairs(&[("team", "red"), ("Level", "x")]) } else { Vec::new() },
            organization: tagged.then(|| ("o-1".to_owned(), "o-1/r-1/ou-1/".to_owned())),
            ..Self::alone(kind, &arn, &user_id)
        }
    }

    fn alone(kind: PrincipalKind, arn: &str, user_id: &str) -> Self {
        Self {
            kind,
            arn: arn.to_owned(),
            account: None,
            user_id: user_id.to_owned(),
            issuer: None,
            session_tags: Vec::new(),
            tags: Vec::new(),
            organization: None,
            service_names: Vec::new(),
        }
    }
}

/// One request, owned.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) who: Who,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) owner: Option<String>,
    pub(crate) context: Vec<(String, Vec<Val>)>,
}

impl Ask {
    /// A request of ann for `x:Y` on `*` with these condition keys.
    pub(crate) fn plain(context: Vec<(String, Vec<Val>)>) -> Self {
        Self { who: Who::named("ann"), action: "x:Y".into(), resource: "*".into(), owner: None, context }
    }

    /// The condition keys of a JSON object.
    pub(crate) fn read_context(json: &Value) -> Vec<(String, Vec<Val>)> {
        let object = json.as_object().into_iter().flatten();
        object.map(|(key, values)| (key.clone(), read_values(values))).collect()
    }

    /// Gives `test` the request in the engine's form.
    pub(crate) fn with<T>(&self, test: impl FnOnce(&Request<'_>) -> T) -> T {
        let account = self.who.account.as_ref().map(|account| account.parse().unwrap());
        let principal = Principal {
            issuer_arn: self.who.issuer.as_deref(),
            session_tags: &self.who.session_tags,
            tags: &self.who.tags,
            organization: self.who.organization.as_ref().map(|(id, path)| OrganizationRef { id, path }),
            service_names: &self.who.service_names,
            ..Principal::new(self.who.kind, &self.who.arn, account, &self.who.user_id)
        };
        let lists: Vec<Vec<Given<'_>>> =
            self.context.iter().map(|(_, values)| values.iter().map(Val::given).collect()).collect();
        let keys: Vec<(&str, Values<'_>)> = self
            .context
            .iter()
            .zip(&lists)
            .map(|((key, _), list)| (key.as_str(), Values::Many(list)))
            .collect();
        test(&Request {
            principal: &principal,
            action: &self.action,
            resource: &self.resource,
            resource_account: self.owner.as_ref().map(|account| account.parse().unwrap()),
            keys: &KeyList(&keys),
        })
    }
}

/// The policies of one evaluation, as JSON.
#[derive(Debug, Clone, Default)]
pub(crate) struct Set {
    pub(crate) identity: Vec<Value>,
    /// More of them, given to the engine indexed together.
    pub(crate) indexed: Vec<Value>,
    pub(crate) boundary: Option<Value>,
    pub(crate) session: Vec<Value>,
    pub(crate) resource: Option<(ResourcePolicyKind, Value)>,
    pub(crate) scp: Vec<Vec<Value>>,
    pub(crate) rcp: Vec<Vec<Value>>,
    pub(crate) endpoint: Option<Value>,
    /// Id and grantee.
    pub(crate) grant: Option<(String, String)>,
}

/// Compiles one policy of a case; a string is the text of a stored document.
pub(crate) fn compile(name: &str, json: &Value) -> Arc<CompiledPolicy> {
    let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    Arc::new(CompiledPolicy::from_stored(name, text.as_bytes()))
}

/// A policy that never matters, with as many statements as make policies worth indexing.
fn filler() -> Arc<CompiledPolicy> {
    static FILLER: LazyLock<Arc<CompiledPolicy>> = LazyLock::new(|| {
        let statement = |i: u32| {
            let resource = format!("arn:aws:kms:eu-west-1:111122223333:key/{i}*");
            json!({"Effect": if i.is_multiple_of(2) { "Allow" } else { "Deny" }, "Action": ["kms:Decrypt", "kms:*"],
                "Resource": resource, "Condition": {"StringEquals": {"a:never": "x"}}})
        };
        compile("filler", &json!({"Statement": (0..64).map(statement).collect::<Vec<_>>()}))
    });
    Arc::clone(&FILLER)
}

/// Parses a document of a case.
pub(crate) fn parse(json: &Value) -> Result<PolicyDocument, garrison_policy::PolicyError> {
    PolicyDocument::parse(json.to_string().as_bytes(), &Limits::default())
}

impl Set {
    /// A set with one identity-based policy.
    pub(crate) fn identity(policy: Value) -> Self {
        Self { identity: vec![policy], ..Self::default() }
    }

    /// Gives `test` the compiled set; policies are named `identity0`, `scp1.0` and so on.
    pub(crate) fn with<T>(&self, test: impl FnOnce(&PolicySet<'_>) -> T) -> T {
        let all = |prefix: &str, policies: &[Value]| -> Vec<Arc<CompiledPolicy>> {
            policies
                .iter()
                .enumerate()
                .map(|(at, policy)| compile(&format!("{prefix}{at}"), policy))
                .collect()
        };
        let levels = |prefix: &str, levels: &[Vec<Value>]| -> Vec<PolicyLevel> {
            levels
                .iter()
                .enumerate()
                .map(|(at, level)| all(&format!("{prefix}{at}."), level).into())
                .collect()
        };
        let indexed = all("indexed", &self.indexed).into_iter().chain([filler()]).collect::<Vec<_>>();
        let indexed = IndexedPolicies::new(indexed);
        let (identity, session) = (all("identity", &self.identity), all("session", &self.session));
        let (scp, rcp) = (levels("scp", &self.scp), levels("rcp", &self.rcp));
        let boundary = self.boundary.as_ref().map(|policy| compile("boundary", policy));
        let endpoint = self.endpoint.as_ref().map(|policy| compile("endpoint", policy));
        let resource = self.resource.as_ref().map(|(kind, policy)| (*kind, compile("resource", policy)));
        test(&PolicySet {
            identity: &identity,
            indexed: (!self.indexed.is_empty()).then_some(&indexed),
            boundary: boundary.as_deref(),
            session: &session,
            resource: resource.as_ref().map(|(kind, policy)| ResourcePolicy { kind: *kind, policy }),
            grant: self.grant.as_ref().map(|(id, grantee)| GrantRef { id, grantee }),
            service_control: &scp,
            resource_control: &rcp,
            endpoint: endpoint.as_deref(),
        })
    }

    /// Evaluates and hands the decision to `test`.
    pub(crate) fn decide<T>(&self, ask: &Ask, test: impl FnOnce(&Decision<'_>) -> T) -> T {
        self.with(|policies| ask.with(|request| test(&evaluate(policies, request))))
    }
}
