//! The service: what operations share, and how the front door sees it.

use std::sync::Arc;
use std::time::Duration;

use garrison_api_sts::types::Credentials;
use garrison_api_sts::{Op, SERVICE};
use garrison_kernel::ports::IdentityDirectory;
use garrison_kernel::session_token::{MAX_TOKEN_LEN, SessionGrant, SessionTokens};
use garrison_kernel::{AnyOperation, Kernel, Service, ServiceType};
use garrison_schema::{ApiError, SensitiveString, ServiceSchema};
use garrison_types::{AccountId, Timestamp};
use serde_json::{Value, json};

use crate::error;
use crate::issuers::Issuers;
use crate::ops;
use crate::signing_keys::SigningKeys;

/// What operations work with.
pub struct Sts {
    kernel: Arc<Kernel>,
    directory: Arc<dyn IdentityDirectory>,
    tokens: Arc<SessionTokens>,
    issuers: Issuers,
    signing_keys: SigningKeys,
}

impl ServiceType for Sts {
    const SCHEMA: &'static ServiceSchema = &SERVICE;
}

/// Credentials as operations answer them.
pub(crate) struct Issued {
    pub(crate) credentials: Credentials,
    /// `SessionTokenSize`, in characters.
    pub(crate) size: i32,
    /// `SessionTokenUtilization`, a percentage.
    pub(crate) utilization: i32,
}

impl Sts {
    /// STS on a kernel, with what IAM knows, the installation's session tokens, and where identity providers are.
    pub fn new(
        kernel: Arc<Kernel>,
        directory: Arc<dyn IdentityDirectory>,
        tokens: Arc<SessionTokens>,
        issuers: Issuers,
    ) -> Arc<Self> {
        let signing_keys = SigningKeys::new(&kernel);
        Arc::new(Self { kernel, directory, tokens, issuers, signing_keys })
    }

    /// The OpenID Connect discovery document of an account's outbound web identities; none where they are switched off.
    ///
    /// # Errors
    /// The store's.
    pub async fn web_identity_configuration(&self, account: AccountId) -> Result<Option<Value>, ApiError> {
        let Some(issuer) = self.directory.outbound_issuer(account).await? else { return Ok(None) };
        Ok(Some(json!({
            "issuer": &*issuer,
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES384", "RS256"],
            "claims_supported": ["iss", "sub", "aud", "iat", "exp", "jti"],
        })))
    }

    /// The public keys of an account's outbound web identities, a JSON Web Key Set; none where they are switched off.
    ///
    /// # Errors
    /// The store's.
    pub async fn web_identity_keys(&self, account: AccountId) -> Result<Option<Value>, ApiError> {
        match self.directory.outbound_issuer(account).await? {
            Some(_) => self.signing_keys.public(&self.kernel, account).await.map(Some),
            None => Ok(None),
        }
    }

    /// Forgets the keys that are held in memory: at the end of a shutdown, and when the store was emptied.
    pub fn forget(&self) {
        self.signing_keys.forget();
    }

    pub(crate) fn signing_keys(&self) -> &SigningKeys {
        &self.signing_keys
    }

    pub(crate) fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    pub(crate) fn directory(&self) -> &dyn IdentityDirectory {
        &*self.directory
    }

    pub(crate) fn issuers(&self) -> &Issuers {
        &self.issuers
    }

    pub(crate) fn tokens(&self) -> &SessionTokens {
        &self.tokens
    }

    /// Makes credentials for a session of so many seconds.
    ///
    /// # Errors
    /// `PackedPolicyTooLarge` where the session does not fit into a token.
    pub(crate) fn issue(
        &self,
        grant: &SessionGrant,
        now: Timestamp,
        seconds: u32,
    ) -> Result<Issued, ApiError> {
        let ttl = Duration::from_secs(u64::from(seconds));
        let issued = self.tokens.issue(grant, now, ttl, self.kernel.rng()).map_err(error::issue)?;
        let length = issued.token.len();
        let whole = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        Ok(Issued {
            credentials: Credentials {
                access_key_id: issued.access_key_id,
                secret_access_key: SensitiveString::from(issued.secret_access_key.to_string()),
                session_token: issued.token,
                expiration: issued.expiration,
            },
            size: whole(length),
            utilization: whole((length * 100).div_ceil(MAX_TOKEN_LEN)),
        })
    }
}

/// STS, as the front door sees it.
pub struct StsService {
    operations: Vec<(&'static str, Box<dyn AnyOperation>)>,
}

impl StsService {
    /// STS with every operation that is built.
    pub fn new(sts: &Arc<Sts>) -> Self {
        Self { operations: Op::ALL.iter().map(|op| (op.name(), ops::operation(*op, sts))).collect() }
    }
}

impl Service for StsService {
    fn schema(&self) -> &'static ServiceSchema {
        &SERVICE
    }

    fn operation(&self, name: &str) -> Option<&dyn AnyOperation> {
        self.operations.iter().find(|(n, _)| *n == name).map(|(_, operation)| &**operation)
    }
}
