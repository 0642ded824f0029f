//! Access keys and principals, as the front door and authorization see them. IAM implements these traits.

use std::sync::Arc;

use async_trait::async_trait;
use garrison_crypto::LockedSecret;
use garrison_policy::CompiledPolicy;
use garrison_schema::ApiError;

use crate::context::{Caller, Principal};

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
}

/// The policies of a principal.
#[derive(Debug, Clone, Default)]
pub struct PrincipalPolicies {
    /// Identity-based policies.
    pub policies: Vec<Arc<CompiledPolicy>>,
}

/// Finds the policies of principals.
pub trait Identities: Send + Sync + 'static {
    /// The policies that bind a principal.
    fn policies(&self, principal: &Principal) -> Arc<PrincipalPolicies>;
}

/// Identities where there are only root users and services, which have no identity-based policies.
#[derive(Debug, Default)]
pub struct RootOnly {
    none: Arc<PrincipalPolicies>,
}

impl Identities for RootOnly {
    fn policies(&self, _principal: &Principal) -> Arc<PrincipalPolicies> {
        Arc::clone(&self.none)
    }
}
