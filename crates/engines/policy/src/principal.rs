//! Who asks.

use garrison_types::{AccountId, Arn};

use crate::document::{PrincipalElement, PrincipalType, shorten};
use crate::error::PolicyError;

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
    /// Someone whom an identity provider vouches for, asking for a role (`AssumeRoleWithWebIdentity`, `…SAML`);
    /// the session that comes of it is an [`AssumedRole`](Self::AssumedRole).
    WebIdentity,
    /// Nobody: an unsigned request.
    Anonymous,
}

/// The organization of a principal's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrganizationRef<'a> {
    /// `aws:PrincipalOrgID`: `o-…`.
    pub id: &'a str,
    /// `aws:PrincipalOrgPaths`: `o-…/r-…/ou-…/…/`, down to the unit that the account is in.
    pub path: &'a str,
}

/// The principal of a request.
///
/// One with an account is somebody of that account; services, web identities and nobody have none. The constructors
/// leave tags, organization and the like empty; set the fields afterwards.
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
    /// `aws:PrincipalTag/KEY`: keys and values of the tags of the session. They come before [`tags`](Self::tags).
    pub session_tags: &'a [(String, String)],
    /// `aws:PrincipalTag/KEY`: keys and values of the tags of the user or role.
    pub tags: &'a [(String, String)],
    /// The organization of its account.
    pub organization: Option<OrganizationRef<'a>>,
    /// `aws:PrincipalServiceNamesList`: every name that a service goes by.
    pub service_names: &'a [String],
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
        Self {
            issuer_arn: Some(role_arn),
            ..Self::new(PrincipalKind::AssumedRole, arn, Some(account), user_id)
        }
    }

    /// A federated session of the user `issuer_arn`; `user_id` is `ACCOUNT:NAME`.
    pub fn federated_user(arn: &'a str, account: AccountId, user_id: &'a str, issuer_arn: &'a str) -> Self {
        Self {
            issuer_arn: Some(issuer_arn),
            ..Self::new(PrincipalKind::FederatedUser, arn, Some(account), user_id)
        }
    }

    /// Someone for whom `provider` vouches: the name of a public one (`accounts.google.com`), or the ARN of an OIDC
    /// (`arn:aws:iam::ACCOUNT:oidc-provider/HOST`) or SAML provider (`arn:aws:iam::ACCOUNT:saml-provider/NAME`).
    pub fn web_identity(provider: &'a str) -> Self {
        Self::new(PrincipalKind::WebIdentity, provider, None, "")
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
        Self {
            kind,
            arn,
            account,
            user_id,
            issuer_arn: None,
            canonical_user: None,
            session_tags: &[],
            tags: &[],
            organization: None,
            service_names: &[],
        }
    }

    /// Whether it is a service-linked role, or a session of one: its path is `/aws-service-role/`. Policies of
    /// organizations do not restrict it. Source: Organizations User Guide, "Service control policies (SCPs)" and
    /// "Resource control policies (RCPs)".
    pub fn is_service_linked_role(&self) -> bool {
        let role = match self.kind {
            PrincipalKind::AssumedRole => self.issuer_arn,
            PrincipalKind::Role => Some(self.arn),
            _ => None,
        };
        let resource = role.and_then(|arn| arn.splitn(6, ':').nth(5));
        resource.is_some_and(|resource| resource.starts_with("role/aws-service-role/"))
    }

    /// Whether identity-based policies can be attached to it or to what issued it.
    pub(crate) fn has_identity(&self) -> bool {
        !matches!(self.kind, PrincipalKind::Service | PrincipalKind::WebIdentity | PrincipalKind::Anonymous)
    }

    /// `aws:PrincipalArn`: for a role session the role's ARN, not the session's.
    pub(crate) fn principal_arn(&self) -> Option<&'a str> {
        match self.kind {
            PrincipalKind::AssumedRole => self.issuer_arn,
            _ => self.has_identity().then_some(self.arn),
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

    /// `aws:PrincipalTag/KEY` for the lower-case `key`: names of condition keys are not case-sensitive, the tag key in
    /// them included.
    pub(crate) fn tag(&self, key: &str) -> Option<&'a str> {
        let mut tags = self.session_tags.iter().chain(self.tags);
        tags.find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str())
    }

    /// `aws:username`, which only IAM users have: the last part of the ARN, without the path.
    pub(crate) fn user_name(&self) -> Option<&'a str> {
        (self.kind == PrincipalKind::User).then(|| self.arn.rsplit('/').next()).flatten()
    }
}

/// How closely a policy names the principal: decides what an `Allow` on a resource is worth.
///
/// Source: IAM User Guide, "Policy evaluation for requests within a single account".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// The account: only as far as its identity-based policies go.
    Account,
    /// The role of the session, or the user who made the federated session: within boundary and session policies.
    Issuer,
    /// The user, the session itself, the service, or everybody.
    Direct,
}

/// One principal that a statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PrincipalPattern {
    Anyone,
    Account(AccountId),
    Arn(Box<str>),
    /// What is left of a deleted user or role, or stands for it: `AIDA…`, `AROA…`.
    UniqueId(Box<str>),
    Service(Box<str>),
    Federated(Box<str>),
    CanonicalUser(Box<str>),
}

/// `Principal` or `NotPrincipal`, compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PrincipalMatcher {
    negated: bool,
    patterns: Box<[PrincipalPattern]>,
}

impl PrincipalMatcher {
    pub(crate) fn new(element: &PrincipalElement) -> Result<Self, PolicyError> {
        let patterns = element.entries.iter().map(|(kind, text)| PrincipalPattern::parse(*kind, text));
        Ok(Self { negated: element.negated, patterns: patterns.collect::<Result<_, _>>()? })
    }

    /// Whether the statement is about `principal`, and how closely. `allow` is the statement's effect.
    pub(crate) fn matches(&self, principal: &Principal<'_>, allow: bool) -> Option<Strength> {
        if !self.negated {
            return self.patterns.iter().filter_map(|pattern| pattern.strength(principal)).max();
        }
        // NotPrincipal: to doubt is to deny. An Allow spares everyone who is named in any way; a Deny spares only
        // whom it names together with role and account, as AWS says one must.
        // Source: IAM User Guide, "AWS JSON policy elements: NotPrincipal".
        let excepted = if allow {
            self.patterns.iter().any(|pattern| pattern.strength(principal).is_some())
        } else {
            self.names_whole_chain(principal)
        };
        (!excepted).then_some(Strength::Direct)
    }

    fn names_whole_chain(&self, principal: &Principal<'_>) -> bool {
        let names =
            |strength: Strength| self.patterns.iter().any(|p| p.strength(principal) == Some(strength));
        let direct = names(Strength::Direct);
        let anyone = self.patterns.contains(&PrincipalPattern::Anyone);
        let needs_account = principal.account.is_some() && principal.kind != PrincipalKind::Root;
        anyone
            || (direct
                && (principal.issuer_arn.is_none() || names(Strength::Issuer))
                && (!needs_account || names(Strength::Account)))
    }
}

impl PrincipalPattern {
    fn parse(kind: PrincipalType, text: &str) -> Result<Self, PolicyError> {
        let refused = || PolicyError::Principal(format!("`{}`", shorten(text)));
        if kind == PrincipalType::Aws && text == "*" {
            return Ok(Self::Anyone);
        }
        // Part of a name cannot be a wildcard.
        if text.is_empty() || text.contains(['*', '?']) {
            return Err(refused());
        }
        match kind {
            PrincipalType::Aws => Self::parse_aws(text).ok_or_else(refused),
            PrincipalType::Service => Ok(Self::Service(text.into())),
            PrincipalType::Federated => Ok(Self::Federated(text.into())),
            PrincipalType::CanonicalUser => Ok(Self::CanonicalUser(text.into())),
        }
    }

    fn parse_aws(text: &str) -> Option<Self> {
        if let Ok(account) = text.parse() {
            return Some(Self::Account(account));
        }
        if let Ok(arn) = text.parse::<Arn>() {
            if !matches!(arn.service(), "iam" | "sts") {
                return None;
            }
            return match (arn.resource(), arn.account().parse()) {
                ("root", Ok(account)) => Some(Self::Account(account)),
                ("root", Err(_)) => None,
                _ => Some(Self::Arn(text.into())),
            };
        }
        let id = text.len() >= 16 && text.starts_with('A');
        (id && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
            .then(|| Self::UniqueId(text.into()))
    }

    fn strength(&self, principal: &Principal<'_>) -> Option<Strength> {
        match self {
            Self::Anyone => Some(Strength::Direct),
            Self::Account(account) => (principal.account == Some(*account)).then_some(match principal.kind {
                PrincipalKind::Root => Strength::Direct,
                _ => Strength::Account,
            }),
            Self::Arn(arn) if **arn == *principal.arn => Some(match principal.kind {
                PrincipalKind::Role => Strength::Issuer,
                _ => Strength::Direct,
            }),
            Self::Arn(arn) => (principal.issuer_arn == Some(arn)).then_some(Strength::Issuer),
            Self::UniqueId(id) => match principal.user_id.strip_prefix(&**id)? {
                "" => Some(Strength::Direct),
                rest => rest.starts_with(':').then_some(Strength::Issuer),
            },
            Self::Service(name) => (principal.kind == PrincipalKind::Service && **name == *principal.arn)
                .then_some(Strength::Direct),
            Self::Federated(provider) => (principal.kind == PrincipalKind::WebIdentity
                && **provider == *principal.arn)
                .then_some(Strength::Direct),
            Self::CanonicalUser(id) => (principal.canonical_user == Some(id)).then_some(Strength::Account),
        }
    }
}
