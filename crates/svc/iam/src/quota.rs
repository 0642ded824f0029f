//! AWS's default quotas, by the names that its messages have.
//!
//! Source: AWS IAM User Guide, "IAM and AWS STS quotas"; IAM API Reference, "GetAccountSummary".

use garrison_api_iam::errors as api;
use garrison_schema::ApiError;

/// A quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    name: &'static str,
    /// The greatest number.
    pub(crate) limit: usize,
}

impl Quota {
    const fn new(name: &'static str, limit: usize) -> Self {
        Self { name, limit }
    }

    /// Whether there may be one more than `current`.
    ///
    /// # Errors
    /// `LimitExceeded`.
    pub(crate) fn ensure_room(&self, current: usize) -> Result<(), ApiError> {
        self.ensure(current.saturating_add(1))
    }

    /// Whether there may be `total`.
    ///
    /// # Errors
    /// `LimitExceeded`.
    pub(crate) fn ensure(&self, total: usize) -> Result<(), ApiError> {
        if total <= self.limit {
            return Ok(());
        }
        Err(api::limit_exceeded_exception(format!("Cannot exceed quota for {}: {}", self.name, self.limit)))
    }
}

/// Access keys of one user, or of the root user.
pub(crate) const ACCESS_KEYS_PER_USER: Quota = Quota::new("AccessKeysPerUser", 2);
/// Managed policies attached to one group.
pub(crate) const ATTACHED_POLICIES_PER_GROUP: Quota = Quota::new("PoliciesPerGroup", 10);
/// Managed policies attached to one role.
pub(crate) const ATTACHED_POLICIES_PER_ROLE: Quota = Quota::new("PoliciesPerRole", 10);
/// Managed policies attached to one user.
pub(crate) const ATTACHED_POLICIES_PER_USER: Quota = Quota::new("PoliciesPerUser", 10);
/// Groups of an account.
pub(crate) const GROUPS_PER_ACCOUNT: Quota = Quota::new("GroupsPerAccount", 300);
/// Groups that one user is in.
pub(crate) const GROUPS_PER_USER: Quota = Quota::new("GroupsPerUser", 10);
/// Instance profiles of an account.
pub(crate) const INSTANCE_PROFILES_PER_ACCOUNT: Quota = Quota::new("InstanceProfilesPerAccount", 1000);
/// MFA devices of one user, or of the root user.
pub(crate) const MFA_DEVICES_PER_USER: Quota = Quota::new("MfaDevicesPerUser", 8);
/// OpenID Connect providers of an account.
pub(crate) const OPEN_ID_PROVIDERS_PER_ACCOUNT: Quota = Quota::new("OpenIdConnectProvidersPerAccount", 100);
/// Customer managed policies of an account.
pub(crate) const POLICIES_PER_ACCOUNT: Quota = Quota::new("PoliciesPerAccount", 1500);
/// Roles of an account.
pub(crate) const ROLES_PER_ACCOUNT: Quota = Quota::new("RolesPerAccount", 1000);
/// Roles in one instance profile.
pub(crate) const ROLES_PER_INSTANCE_PROFILE: Quota = Quota::new("InstanceSessionsPerInstanceProfile", 1);
/// Characters of a role's trust policy.
pub(crate) const TRUST_POLICY_SIZE: Quota = Quota::new("ACLSizePerRole", 2048);
/// Characters of a managed policy.
pub(crate) const MANAGED_POLICY_SIZE: Quota = Quota::new("PolicySize", 6144);
/// SAML providers of an account.
pub(crate) const SAML_PROVIDERS_PER_ACCOUNT: Quota = Quota::new("SAMLProvidersPerAccount", 100);
/// Server certificates of an account.
pub(crate) const SERVER_CERTIFICATES_PER_ACCOUNT: Quota = Quota::new("ServerCertificatesPerAccount", 20);
/// X.509 signing certificates of one user.
pub(crate) const SIGNING_CERTIFICATES_PER_USER: Quota = Quota::new("CertificatesPerUser", 2);
/// Public SSH keys of one user.
pub(crate) const SSH_PUBLIC_KEYS_PER_USER: Quota = Quota::new("SSHPublicKeysPerUser", 5);
/// Credentials of one user for one service.
pub(crate) const SERVICE_SPECIFIC_CREDENTIALS_PER_USER: Quota =
    Quota::new("ServiceSpecificCredentialsPerUser", 2);
/// Users of an account.
pub(crate) const USERS_PER_ACCOUNT: Quota = Quota::new("UsersPerAccount", 5000);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_the_quota() {
        assert!(ACCESS_KEYS_PER_USER.ensure_room(1).is_ok());
        let error = ACCESS_KEYS_PER_USER.ensure_room(2).unwrap_err();
        assert_eq!(error.schema.name, "LimitExceededException");
        assert_eq!(error.message, "Cannot exceed quota for AccessKeysPerUser: 2");
        assert!(TRUST_POLICY_SIZE.ensure(2048).is_ok() && TRUST_POLICY_SIZE.ensure(2049).is_err());
    }
}
