//! Access keys, principals' policies and organizations, as the front door and authorization see them.
//!
//! IAM and Organizations implement these traits. A call reads what they answer from memory, as a rule; a value is
//! the newest committed one (see [`crate::Snapshot`]).

use std::sync::Arc;

use async_trait::async_trait;
use garrison_crypto::LockedSecret;
use garrison_policy::{CompiledPolicy, IndexedPolicies, PolicyLevel};
use garrison_schema::ApiError;
use garrison_types::{AccountId, Region};

use crate::principal::{Caller, Principal};

/// What an access key id and a session token stand for.
pub struct Credential {
    /// Who signs with it.
    pub caller: Caller,
    /// The secret that signatures are checked against; none for a key that development mode takes unverified.
    pub secret: Option<Arc<LockedSecret>>,
}

/// Why a credential is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialError {
    /// No such access key.
    Unknown,
    /// The access key is switched off.
    Inactive,
    /// The session token does not verify or belongs to another key.
    InvalidToken,
    /// The session is over.
    Expired,
}

/// Finds credentials.
#[async_trait]
pub trait Credentials: Send + Sync + 'static {
    /// The credential of an access key id. The outer error is the store's.
    async fn find(
        &self,
        access_key_id: &str,
        session_token: Option<&str>,
    ) -> Result<Result<Credential, CredentialError>, ApiError>;

    /// Notes that a call to a service in a region was signed with an access key: `GetAccessKeyLastUsed`. Quick, and may be
    /// kept later than it returns.
    fn used(&self, _access_key_id: &str, _service: &str, _region: &Region) {}
}

/// The policies and tags of a user or role.
#[derive(Debug, Default)]
pub struct PrincipalPolicies {
    /// Identity-based policies: of the user and its groups, or of the role.
    pub policies: IndexedPolicies,
    /// The permissions boundary.
    pub boundary: Option<Arc<CompiledPolicy>>,
    /// The tags of the user or role: `aws:PrincipalTag`.
    pub tags: Vec<(String, String)>,
}

/// Finds the policies of principals.
#[async_trait]
pub trait Identities: Send + Sync + 'static {
    /// The policies that bind a principal, when they are in memory.
    fn cached(&self, principal: &Principal) -> Option<Arc<PrincipalPolicies>>;

    /// The policies that bind a principal: of a user; of the role of a session, if it is still the role that the session
    /// was made of; of whoever made a federated session. None for a principal that does not exist any more, which may
    /// then do nothing.
    ///
    /// # Errors
    /// The store's.
    async fn policies(&self, principal: &Principal) -> Result<Arc<PrincipalPolicies>, ApiError>;

    /// The default version of a managed policy, for the managed policies of a session; none when there is no such policy.
    ///
    /// # Errors
    /// The store's.
    async fn managed_policy(&self, arn: &str) -> Result<Option<Arc<CompiledPolicy>>, ApiError>;
}

/// Identities where there are only root users and services, which have no identity-based policies.
#[derive(Debug, Default)]
pub struct RootOnly {
    none: Arc<PrincipalPolicies>,
}

#[async_trait]
impl Identities for RootOnly {
    fn cached(&self, _principal: &Principal) -> Option<Arc<PrincipalPolicies>> {
        Some(Arc::clone(&self.none))
    }

    async fn policies(&self, _principal: &Principal) -> Result<Arc<PrincipalPolicies>, ApiError> {
        Ok(Arc::clone(&self.none))
    }

    async fn managed_policy(&self, _arn: &str) -> Result<Option<Arc<CompiledPolicy>>, ApiError> {
        Ok(None)
    }
}

/// The organization that an account is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// `aws:PrincipalOrgID`: `o-…`.
    pub id: Arc<str>,
    /// `aws:PrincipalOrgPaths`: `o-…/r-…/ou-…/`, from the root down to the account's parent.
    pub path: Arc<str>,
    /// The management account.
    pub management_account: AccountId,
}

/// What an organization means for one of its accounts.
#[derive(Debug, Clone, Default)]
pub struct Membership {
    /// The organization; none for an account on its own.
    pub organization: Option<Organization>,
    /// Service control policies by level, root first. Empty for the management account, for an account on its own and
    /// where the organization has that type switched off.
    pub service_control: Vec<PolicyLevel>,
    /// Resource control policies by level, likewise.
    pub resource_control: Vec<PolicyLevel>,
}

/// Finds what organizations mean for accounts.
#[async_trait]
pub trait Organizations: Send + Sync + 'static {
    /// The account's membership, when it is in memory.
    fn cached(&self, account: AccountId) -> Option<Arc<Membership>>;

    /// The account's membership.
    ///
    /// # Errors
    /// The store's.
    async fn membership(&self, account: AccountId) -> Result<Arc<Membership>, ApiError>;
}

/// No organization: every account is on its own.
#[derive(Debug, Default)]
pub struct NoOrganizations {
    alone: Arc<Membership>,
}

#[async_trait]
impl Organizations for NoOrganizations {
    fn cached(&self, _account: AccountId) -> Option<Arc<Membership>> {
        Some(Arc::clone(&self.alone))
    }

    async fn membership(&self, _account: AccountId) -> Result<Arc<Membership>, ApiError> {
        Ok(Arc::clone(&self.alone))
    }
}
