//! Ports: what one service needs of another, without knowing it. Only the server wires them.

mod data_keys;

use std::sync::Arc;

use async_trait::async_trait;
use garrison_policy::CompiledPolicy;
use garrison_schema::ApiError;
use garrison_store::WriteSet;
use garrison_types::{AccountId, Timestamp};

use crate::context::Context;
use crate::identity::RootOnly;
use crate::principal::Principal;

pub use data_keys::{DataKey, DataKeys};

/// A role, as STS needs it.
#[derive(Debug, Clone)]
pub struct Role {
    /// Its account.
    pub account: AccountId,
    /// The name, without its path.
    pub name: Arc<str>,
    /// The unique id, `AROA…`.
    pub id: Arc<str>,
    /// The ARN, with its path.
    pub arn: Arc<str>,
    /// The trust policy.
    pub trust: Arc<CompiledPolicy>,
    /// The longest session, in seconds.
    pub max_session: u32,
    /// The role's tags.
    pub tags: Vec<(String, String)>,
}

/// An OpenID Connect provider of an account.
#[derive(Debug, Clone)]
pub struct OpenIdProvider {
    /// `arn:aws:iam::ACCOUNT:oidc-provider/HOST/PATH`.
    pub arn: Arc<str>,
    /// The issuer, without `https://`.
    pub url: Arc<str>,
    /// The audiences that it takes.
    pub client_ids: Vec<String>,
    /// SHA-1 of the certificates of authorities that may sign its server's certificate, in hex.
    pub thumbprints: Vec<String>,
}

/// A SAML provider of an account.
#[derive(Debug, Clone)]
pub struct SamlProvider {
    /// `arn:aws:iam::ACCOUNT:saml-provider/NAME`.
    pub arn: Arc<str>,
    /// The metadata document.
    pub metadata: Arc<str>,
    /// Private keys in PKCS#8 DER that encrypted assertions may be encrypted for; empty when none are set.
    pub private_keys: Vec<Arc<garrison_crypto::LockedSecret>>,
    /// Whether assertions that are not encrypted are refused.
    pub encryption_required: bool,
}

/// What STS asks of IAM.
#[async_trait]
pub trait IdentityDirectory: Send + Sync + 'static {
    /// A role by its ARN's account and name.
    ///
    /// # Errors
    /// The store's.
    async fn role(&self, account: AccountId, name: &str) -> Result<Option<Arc<Role>>, ApiError>;

    /// An account's OpenID Connect provider by its issuer, without `https://`.
    ///
    /// # Errors
    /// The store's.
    async fn open_id_provider(
        &self,
        account: AccountId,
        url: &str,
    ) -> Result<Option<Arc<OpenIdProvider>>, ApiError>;

    /// An account's SAML provider by its name.
    ///
    /// # Errors
    /// The store's.
    async fn saml_provider(
        &self,
        account: AccountId,
        name: &str,
    ) -> Result<Option<Arc<SamlProvider>>, ApiError>;

    /// Whether `code` is right now for the device `serial_number` of a principal, and has not been used before. Using
    /// it up is committed before this returns.
    ///
    /// # Errors
    /// The store's.
    async fn verify_mfa(
        &self,
        principal: &Principal,
        serial_number: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<bool, ApiError>;

    /// The text of a managed policy's default version, for the size of a session's packed policies.
    ///
    /// # Errors
    /// The store's.
    async fn managed_policy_text(&self, arn: &str) -> Result<Option<Arc<str>>, ApiError>;

    /// The issuer of an account's outbound web identities, when they are switched on: `GetWebIdentityToken`.
    ///
    /// # Errors
    /// The store's.
    async fn outbound_issuer(&self, account: AccountId) -> Result<Option<Arc<str>>, ApiError>;

    /// Notes that a role was assumed at a time and in a region: `RoleLastUsed`. May be kept later than it returns.
    fn role_used(&self, account: AccountId, role_name: &str, cx: &Context);

    /// Whether the organization of an account lets its management account use `AssumeRoot` on members.
    ///
    /// # Errors
    /// The store's.
    async fn root_sessions_enabled(&self, management_account: AccountId) -> Result<bool, ApiError>;

    /// The account of an access key id that was issued here, long-term or temporary: `GetAccessKeyInfo`.
    fn account_of_access_key(&self, access_key_id: &str) -> Option<AccountId>;
}

/// Where there are only root users there is nobody else to know of.
#[async_trait]
impl IdentityDirectory for RootOnly {
    async fn role(&self, _account: AccountId, _name: &str) -> Result<Option<Arc<Role>>, ApiError> {
        Ok(None)
    }

    async fn open_id_provider(
        &self,
        _account: AccountId,
        _url: &str,
    ) -> Result<Option<Arc<OpenIdProvider>>, ApiError> {
        Ok(None)
    }

    async fn saml_provider(
        &self,
        _account: AccountId,
        _name: &str,
    ) -> Result<Option<Arc<SamlProvider>>, ApiError> {
        Ok(None)
    }

    async fn verify_mfa(
        &self,
        _principal: &Principal,
        _serial_number: &str,
        _code: &str,
        _now: Timestamp,
    ) -> Result<bool, ApiError> {
        Ok(false)
    }

    async fn managed_policy_text(&self, _arn: &str) -> Result<Option<Arc<str>>, ApiError> {
        Ok(None)
    }

    async fn outbound_issuer(&self, _account: AccountId) -> Result<Option<Arc<str>>, ApiError> {
        Ok(None)
    }

    fn role_used(&self, _account: AccountId, _role_name: &str, _cx: &Context) {}

    async fn root_sessions_enabled(&self, _management_account: AccountId) -> Result<bool, ApiError> {
        Ok(false)
    }

    fn account_of_access_key(&self, _access_key_id: &str) -> Option<AccountId> {
        None
    }
}

/// What Organizations asks of IAM.
#[async_trait]
pub trait AccountRoles: Send + Sync + 'static {
    /// The writes that make the role of a new member account by which its management account works in it
    /// (`OrganizationAccountAccessRole`), with `AdministratorAccess`.
    ///
    /// # Errors
    /// The role's name is not one.
    async fn access_role(
        &self,
        account: AccountId,
        role_name: &str,
        management_account: AccountId,
        now: Timestamp,
    ) -> Result<WriteSet, ApiError>;

    /// The writes that make a service-linked role, when the account does not have it: of a service that was given
    /// access to the organization.
    ///
    /// # Errors
    /// The store's.
    async fn service_linked_role(
        &self,
        account: AccountId,
        service_principal: &str,
        now: Timestamp,
    ) -> Result<WriteSet, ApiError>;
}
