//! Who asks.

use garrison_types::AccountId;

/// What sort of principal signs the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrincipalKind {
    /// An account's root user.
    Root,
    /// An IAM user.
    User,
    /// A role without a session, as `SimulatePrincipalPolicy` asks about.
    Role,
    /// A session of a role.
    AssumedRole,
    /// A session that an IAM user or the root user made with `GetFederationToken`.
    FederatedUser,
    /// An AWS service acting for itself.
    Service,
    /// Someone whom an identity provider vouches for, asking for a role (`AssumeRoleWithWebIdentity`, `…SAML`).
    WebIdentity,
    /// Nobody: an unsigned request.
    Anonymous,
}

/// The principal of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal<'a> {
    /// What sort it is.
    pub kind: PrincipalKind,
    /// Its ARN, as error messages name it: for a session that of the session
    /// (`arn:aws:sts::111122223333:assumed-role/NAME/SESSION`). For a service its name (`s3.amazonaws.com`), for
    /// a web identity the provider (`accounts.google.com` or a provider's ARN); empty for nobody.
    pub arn: &'a str,
    /// Its account; services and nobody have none.
    pub account: Option<AccountId>,
    /// `aws:userid`: the user's unique id (`AIDA…`), `ROLEID:SESSION` for a role session, the account id for root.
    pub user_id: &'a str,
    /// For a role session the role's ARN, for a federated user the ARN of the user who made the session.
    pub issuer_arn: Option<&'a str>,
    /// The canonical user id of the principal's account, which only bucket policies name.
    pub canonical_user: Option<&'a str>,
}

impl<'a> Principal<'a> {
    /// The root user of `account`; `arn` is `arn:aws:iam::ACCOUNT:root`.
    pub fn root(arn: &'a str, account: &'a AccountId) -> Self {
        Self::new(PrincipalKind::Root, arn, Some(*account), account.as_str())
    }

    /// An IAM user.
    pub fn user(arn: &'a str, account: AccountId, user_id: &'a str) -> Self {
        Self::new(PrincipalKind::User, arn, Some(account), user_id)
    }

    /// A session of the role `role_arn`; `user_id` is `ROLEID:SESSION`.
    pub fn assumed_role(arn: &'a str, account: AccountId, user_id: &'a str, role_arn: &'a str) -> Self {
        Self { issuer_arn: Some(role_arn), ..Self::new(PrincipalKind::AssumedRole, arn, Some(account), user_id) }
    }

    /// A federated session of the user `issuer_arn`; `user_id` is `ACCOUNT:NAME`.
    pub fn federated_user(arn: &'a str, account: AccountId, user_id: &'a str, issuer_arn: &'a str) -> Self {
        Self {
            issuer_arn: Some(issuer_arn),
            ..Self::new(PrincipalKind::FederatedUser, arn, Some(account), user_id)
        }
    }

    /// The service `name`, for example `s3.amazonaws.com`.
    pub fn service(name: &'a str) -> Self {
        Self::new(PrincipalKind::Service, name, None, "")
    }

    /// Nobody.
    pub fn anonymous() -> Self {
        Self::new(PrincipalKind::Anonymous, "", None, "anonymous")
    }

    /// A principal of any sort, without an issuer.
    pub fn new(kind: PrincipalKind, arn: &'a str, account: Option<AccountId>, user_id: &'a str) -> Self {
        Self { kind, arn, account, user_id, issuer_arn: None, canonical_user: None }
    }

    /// `aws:PrincipalArn`: for a role session the role's ARN, not the session's.
    pub(crate) fn principal_arn(&self) -> Option<&'a str> {
        match self.kind {
            PrincipalKind::AssumedRole => self.issuer_arn,
            PrincipalKind::Service | PrincipalKind::WebIdentity | PrincipalKind::Anonymous => None,
            _ => Some(self.arn),
        }
    }

    /// `aws:PrincipalType`.
    pub(crate) fn principal_type(&self) -> Option<&'static str> {
        match self.kind {
            PrincipalKind::Root => Some("Account"),
            PrincipalKind::User => Some("User"),
            PrincipalKind::Role | PrincipalKind::AssumedRole => Some("AssumedRole"),
            PrincipalKind::FederatedUser => Some("FederatedUser"),
            PrincipalKind::Anonymous => Some("Anonymous"),
            PrincipalKind::Service | PrincipalKind::WebIdentity => None,
        }
    }

    /// `aws:username`, which only IAM users have: the last part of the ARN, without the path.
    pub(crate) fn user_name(&self) -> Option<&'a str> {
        (self.kind == PrincipalKind::User).then(|| self.arn.rsplit('/').next()).flatten()
    }
}
