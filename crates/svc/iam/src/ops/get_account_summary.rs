//! `GetAccountSummary`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>
//!
//! Counts what the account has, beside its quotas.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::account::Settings;
use crate::quota;
use crate::records::{
    Group, InstanceProfile, ManagedPolicy, MfaDevice, OpenIdProvider, Role, RootUser, SamlProvider,
    ServerCertificate, User,
};
use crate::service::Iam;

/// The quotas that the summary shows.
const QUOTAS: [(&str, usize); 19] = [
    ("AccessKeysPerUserQuota", quota::ACCESS_KEYS_PER_USER.limit),
    ("AssumeRolePolicySizeQuota", quota::TRUST_POLICY_SIZE.limit),
    ("AttachedPoliciesPerGroupQuota", quota::ATTACHED_POLICIES_PER_GROUP.limit),
    ("AttachedPoliciesPerRoleQuota", quota::ATTACHED_POLICIES_PER_ROLE.limit),
    ("AttachedPoliciesPerUserQuota", quota::ATTACHED_POLICIES_PER_USER.limit),
    ("GroupPolicySizeQuota", 5120),
    ("GroupsPerUserQuota", quota::GROUPS_PER_USER.limit),
    ("GroupsQuota", quota::GROUPS_PER_ACCOUNT.limit),
    ("InstanceProfilesQuota", quota::INSTANCE_PROFILES_PER_ACCOUNT.limit),
    ("PoliciesQuota", quota::POLICIES_PER_ACCOUNT.limit),
    ("PolicySizeQuota", 6144),
    ("PolicyVersionsInUseQuota", 10_000),
    ("RolePolicySizeQuota", 10_240),
    ("RolesQuota", quota::ROLES_PER_ACCOUNT.limit),
    ("ServerCertificatesQuota", quota::SERVER_CERTIFICATES_PER_ACCOUNT.limit),
    ("SigningCertificatesPerUserQuota", quota::SIGNING_CERTIFICATES_PER_USER.limit),
    ("UserPolicySizeQuota", 2048),
    ("UsersQuota", quota::USERS_PER_ACCOUNT.limit),
    ("VersionsPerPolicyQuota", 5),
];

impl Handler<Iam> for operations::GetAccountSummary {
    const ACCESS: Access = Access::read("iam:GetAccountSummary");
    type Target = ();

    async fn resolve(_: &Iam, _: &Context, _: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        _: &Self::Input,
        (): &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (account, repo) = (cx.account(), iam.repo());
        let devices = repo.all::<MfaDevice>(account).await?;
        let policies = repo.all::<ManagedPolicy>(account).await?;
        let root = repo.get::<RootUser>(account, RootUser::NAME).await?;
        let root_keys = iam.access_keys().of_root(account).await?;
        let providers =
            repo.count::<OpenIdProvider>(account).await? + repo.count::<SamlProvider>(account).await?;
        let settings = Settings::find(iam, cx).await?;
        let counts = [
            ("Users", repo.count::<User>(account).await?),
            ("Groups", repo.count::<Group>(account).await?),
            ("Roles", repo.count::<Role>(account).await?),
            ("InstanceProfiles", repo.count::<InstanceProfile>(account).await?),
            ("ServerCertificates", repo.count::<ServerCertificate>(account).await?),
            ("Policies", policies.len()),
            ("PolicyVersionsInUse", policies.iter().map(|policy| policy.versions.len()).sum()),
            ("Providers", providers),
            ("MFADevices", devices.len()),
            ("MFADevicesInUse", devices.iter().filter(|device| device.enabled.is_some()).count()),
            ("AccountMFAEnabled", usize::from(root.is_some_and(|root| !root.mfa_devices.is_empty()))),
            ("AccountAccessKeysPresent", usize::from(!root_keys.is_empty())),
            // The root user has access keys and MFA devices, and nothing else.
            ("AccountPasswordPresent", 0),
            ("AccountSigningCertificatesPresent", 0),
            ("GlobalEndpointTokenVersion", usize::from(settings.now.global_token_version)),
        ];
        let all = counts.into_iter().chain(QUOTAS.iter().map(|(name, quota)| (*name, *quota)));
        let summary = all.map(|(name, count)| (name.to_owned(), i32::try_from(count).unwrap_or(i32::MAX)));
        Ok(Reply::new(types::GetAccountSummaryResponse { summary_map: Some(summary.collect()) }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let summary = &world.call("GetAccountSummary", json!({})).await["SummaryMap"];
        assert_eq!(summary.as_object().unwrap().len(), 34);
        for (name, count) in [("Users", 0), ("UsersQuota", 5000), ("Policies", 0), ("AccountMFAEnabled", 0)] {
            assert_eq!(summary[name], count, "{name}");
        }
        world.call("CreateUser", json!({"UserName": "Bob"})).await;
        world.call("CreateGroup", json!({"GroupName": "G"})).await;
        world.call("CreateAccessKey", json!({})).await;
        world.policy("P").await;
        world.role("R").await;
        world.enable("bob", "Bob").await;
        world.mfa_device("free").await;
        let summary = &world.call("GetAccountSummary", json!({})).await["SummaryMap"];
        for (name, count) in [
            ("Users", 1),
            ("Groups", 1),
            ("Roles", 1),
            ("Policies", 1),
            ("PolicyVersionsInUse", 1),
            ("MFADevices", 2),
            ("MFADevicesInUse", 1),
            ("AccountAccessKeysPresent", 1),
            ("AccountMFAEnabled", 0),
            ("GlobalEndpointTokenVersion", 1),
        ] {
            assert_eq!(summary[name], count, "{name}");
        }
        let (action, resource) = world.demands("GetAccountSummary", json!({})).await;
        assert_eq!((action.as_str(), resource.as_str()), ("iam:GetAccountSummary", "*"));
    }
}
