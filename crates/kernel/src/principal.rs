//! Who calls: principals and sessions, as authorization, policies and audit records see them.
//!
//! Source: AWS IAM User Guide, "IAM identifiers" and "AWS JSON policy elements: Principal".

use std::sync::Arc;

use garrison_policy::CompiledPolicy;
use garrison_types::{AccountId, Partition, Timestamp};

/// An authenticated caller.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is.
    pub principal: Principal,
    /// The principal's ARN, made once.
    pub arn: Arc<str>,
    /// The access key that signed, when one did.
    pub access_key_id: Option<Arc<str>>,
    /// What the session's credentials carry, when they are temporary.
    pub session: Option<Arc<Session>>,
}

impl Caller {
    /// The caller who is `principal`, with long-term credentials or none.
    pub fn new(principal: Principal, access_key_id: Option<Arc<str>>) -> Self {
        let arn = principal.arn();
        Self { principal, arn, access_key_id, session: None }
    }

    /// The caller, using the credentials of a session.
    #[must_use]
    pub fn with_session(mut self, session: Arc<Session>) -> Self {
        self.session = Some(session);
        self
    }

    /// The caller in the policy engine's terms.
    pub fn engine_principal(&self) -> garrison_policy::Principal<'_> {
        self.principal.engine_principal(&self.arn)
    }
}

/// A principal, as policies and audit records name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The root user of an account.
    Root {
        /// The account.
        account: AccountId,
        /// Its partition.
        partition: Partition,
    },
    /// An IAM user.
    User(Arc<User>),
    /// A session of a role.
    AssumedRole(Arc<AssumedRole>),
    /// A session that a user or root user made with `GetFederationToken`.
    FederatedUser(Arc<FederatedUser>),
    /// Someone whom an identity provider vouches for and who asks for a role; only while the role is being assumed.
    Federated(Arc<Federated>),
    /// A service acting for itself, for example a rotation that fell due.
    Service {
        /// For example `kms.amazonaws.com`.
        name: &'static str,
        /// The account whose resource it works on.
        account: AccountId,
    },
    /// Nobody: the request carried no signature.
    Anonymous,
}

/// An IAM user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its account.
    pub account: AccountId,
    /// The name, without its path.
    pub name: Arc<str>,
    /// The unique id, `AIDA…`.
    pub id: Arc<str>,
    /// `arn:aws:iam::ACCOUNT:user/PATH/NAME`.
    pub arn: Arc<str>,
}

/// A session of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssumedRole {
    /// The role's account.
    pub account: AccountId,
    /// The role's name, without its path.
    pub role_name: Arc<str>,
    /// The role's unique id, `AROA…`.
    pub role_id: Arc<str>,
    /// The role's ARN, with its path.
    pub role_arn: Arc<str>,
    /// The session's name.
    pub session_name: Arc<str>,
    /// `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`.
    pub arn: Arc<str>,
    /// `aws:userid`: `ROLEID:SESSION`.
    pub user_id: Arc<str>,
}

/// A session that a user or root user made with `GetFederationToken`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatedUser {
    /// Its account.
    pub account: AccountId,
    /// The name that the session was made with.
    pub name: Arc<str>,
    /// `arn:aws:sts::ACCOUNT:federated-user/NAME`.
    pub arn: Arc<str>,
    /// `aws:userid`: `ACCOUNT:NAME`.
    pub user_id: Arc<str>,
    /// Who made the session: a user or a root user.
    pub issuer: Principal,
    /// The ARN of who made it.
    pub issuer_arn: Arc<str>,
}

/// How an identity provider vouches for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FederationKind {
    /// OpenID Connect: `AssumeRoleWithWebIdentity`.
    WebIdentity,
    /// `AssumeRoleWithSAML`.
    Saml,
}

/// Someone whom an identity provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Federated {
    /// By which protocol.
    pub kind: FederationKind,
    /// The account of the role that is asked for.
    pub account: AccountId,
    /// The provider as trust policies name it: its ARN, or `accounts.google.com` and the like.
    pub provider: Arc<str>,
    /// The subject as audit records name it.
    pub subject: Arc<str>,
}

/// What temporary credentials carry beside who they are for.
#[derive(Debug, Clone)]
pub struct Session {
    /// When they were issued: `aws:TokenIssueTime`.
    pub issued: Timestamp,
    /// When they end.
    pub expires: Timestamp,
    /// When the caller showed a second factor, if ever: `aws:MultiFactorAuthPresent` and `…Age`.
    pub mfa: Option<Timestamp>,
    /// `aws:SourceIdentity`.
    pub source_identity: Option<Arc<str>>,
    /// Session tags: they come before the tags of the role or user.
    pub tags: Vec<(String, String)>,
    /// The keys of the session tags that a next role in the chain gets too.
    pub transitive_tags: Vec<String>,
    /// The session policies that were passed as text.
    pub policies: Vec<Arc<CompiledPolicy>>,
    /// The ARNs of the managed policies that were passed as session policies.
    pub policy_arns: Vec<String>,
    /// The provider of a federated session: `aws:FederatedProvider`.
    pub provider: Option<Arc<str>>,
    /// Condition keys that last as long as the session, by their names in lower case, for example
    /// `accounts.google.com:sub` or `saml:sub`.
    pub context: Vec<(String, Vec<String>)>,
}

impl Principal {
    /// The account that the principal belongs to; all zeros for nobody.
    pub fn account(&self) -> AccountId {
        match self {
            Self::Root { account, .. } | Self::Service { account, .. } => *account,
            Self::User(user) => user.account,
            Self::AssumedRole(session) => session.account,
            Self::FederatedUser(session) => session.account,
            Self::Federated(federated) => federated.account,
            Self::Anonymous => AccountId::ZERO,
        }
    }

    /// The ARN; `*` for nobody, the name of a service, the provider of somebody whom it vouches for.
    pub fn arn(&self) -> Arc<str> {
        match self {
            Self::Root { account, partition } => format!("arn:{partition}:iam::{account}:root").into(),
            Self::User(user) => Arc::clone(&user.arn),
            Self::AssumedRole(session) => Arc::clone(&session.arn),
            Self::FederatedUser(session) => Arc::clone(&session.arn),
            Self::Federated(federated) => Arc::clone(&federated.provider),
            Self::Service { name, .. } => (*name).into(),
            Self::Anonymous => "*".into(),
        }
    }

    /// `aws:userid`: the account id for a root user.
    pub fn user_id(&self) -> String {
        match self {
            Self::Root { account, .. } => account.to_string(),
            Self::User(user) => user.id.to_string(),
            Self::AssumedRole(session) => session.user_id.to_string(),
            Self::FederatedUser(session) => session.user_id.to_string(),
            Self::Federated(federated) => federated.subject.to_string(),
            Self::Service { name, .. } => (*name).to_owned(),
            Self::Anonymous => "anonymous".to_owned(),
        }
    }

    /// The principal in the policy engine's terms; `arn` is what [`Principal::arn`] says.
    pub fn engine_principal<'a>(&'a self, arn: &'a str) -> garrison_policy::Principal<'a> {
        use garrison_policy::Principal as Engine;
        match self {
            Self::Root { account, .. } => Engine::root(arn, account),
            Self::User(user) => Engine::user(arn, user.account, &user.id),
            Self::AssumedRole(session) => {
                Engine::assumed_role(arn, session.account, &session.user_id, &session.role_arn)
            }
            Self::FederatedUser(session) => {
                Engine::federated_user(arn, session.account, &session.user_id, &session.issuer_arn)
            }
            Self::Federated(_) => Engine::web_identity(arn),
            Self::Service { name, .. } => Engine::service(name),
            Self::Anonymous => Engine::anonymous(),
        }
    }

    /// Whether the principal may be a root user of `account`.
    pub fn is_root_of(&self, account: AccountId) -> bool {
        matches!(self, Self::Root { account: own, .. } if *own == account)
    }
}
