//! What STS and Organizations ask of IAM.

use std::sync::Arc;

use async_trait::async_trait;
use garrison_kernel::ports::{AccountRoles, IdentityDirectory, OpenIdProvider, SamlProvider};
use garrison_kernel::{Context, Principal, ports};
use garrison_schema::ApiError;
use garrison_store::WriteSet;
use garrison_types::{AccountId, Partition, Timestamp};

use crate::managed_policies;
use crate::mfa;
use crate::names::{self, IdPrefix};
use crate::providers;
use crate::records::{DEFAULT_MAX_SESSION, Policies, Role, Tags, Time};
use crate::roles;
use crate::service::Iam;
use crate::service_linked;

impl Iam {
    /// The partition that the installation is in: that of its own region.
    fn partition(&self) -> Partition {
        self.kernel().settings().default_region.partition()
    }
}

#[async_trait]
impl IdentityDirectory for Iam {
    async fn role(&self, account: AccountId, name: &str) -> Result<Option<Arc<ports::Role>>, ApiError> {
        self.directory().role(self.partition(), account, name).await
    }

    async fn open_id_provider(
        &self,
        account: AccountId,
        url: &str,
    ) -> Result<Option<Arc<OpenIdProvider>>, ApiError> {
        providers::open_id_provider(self, self.partition(), account, url).await
    }

    async fn saml_provider(
        &self,
        account: AccountId,
        name: &str,
    ) -> Result<Option<Arc<SamlProvider>>, ApiError> {
        providers::saml_provider(self, self.partition(), account, name).await
    }

    async fn verify_mfa(
        &self,
        principal: &Principal,
        serial_number: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<bool, ApiError> {
        mfa::verify(self, principal, serial_number, code, now).await
    }

    async fn managed_policy_text(&self, arn: &str) -> Result<Option<Arc<str>>, ApiError> {
        let Some(account) = managed_policies::account_of(arn) else { return Ok(None) };
        let found = managed_policies::find(self.repo(), account, arn).await?;
        Ok(found.map(|policy| policy.text(managed_policies::partition_of(arn)).into()))
    }

    async fn outbound_issuer(&self, account: AccountId) -> Result<Option<Arc<str>>, ApiError> {
        providers::outbound_issuer(self, account).await
    }

    fn role_used(&self, account: AccountId, role_name: &str, cx: &Context) {
        self.directory().role_used(account, role_name, cx);
    }

    async fn root_sessions_enabled(&self, management_account: AccountId) -> Result<bool, ApiError> {
        providers::root_sessions_enabled(self, management_account).await
    }

    fn account_of_access_key(&self, access_key_id: &str) -> Option<AccountId> {
        self.access_keys().account_of(access_key_id)
    }
}

#[async_trait]
impl AccountRoles for Iam {
    async fn access_role(
        &self,
        account: AccountId,
        role_name: &str,
        management_account: AccountId,
        now: Timestamp,
    ) -> Result<WriteSet, ApiError> {
        names::check("roleName", role_name, 64)?;
        let partition = self.partition();
        let role = Role {
            name: role_name.to_owned(),
            path: "/".to_owned(),
            id: names::unique_id(self.kernel().rng(), IdPrefix::Role),
            created: Time(now.truncated_to_seconds()),
            trust: format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:{partition}:iam::{management_account}:root"}},"Action":"sts:AssumeRole"}}]}}"#
            ),
            max_session: DEFAULT_MAX_SESSION,
            description: None,
            tags: Tags::default(),
            boundary: None,
            policies: Policies {
                attached: vec![format!("arn:{partition}:iam::aws:policy/AdministratorAccess")],
                ..Policies::default()
            },
        };
        let mut writes = WriteSet::new();
        roles::create_with_aws_policies(&mut writes, account, &role);
        Ok(writes)
    }

    async fn service_linked_role(
        &self,
        account: AccountId,
        service_principal: &str,
        now: Timestamp,
    ) -> Result<WriteSet, ApiError> {
        let mut writes = WriteSet::new();
        let Some(service) = service_linked::by_principal(service_principal) else { return Ok(writes) };
        if self.repo().get::<Role>(account, service.role_name).await?.is_some() {
            return Ok(writes);
        }
        let role = Role {
            name: service.role_name.to_owned(),
            path: service.path(),
            id: names::unique_id(self.kernel().rng(), IdPrefix::Role),
            created: Time(now.truncated_to_seconds()),
            trust: service.trust_policy(),
            max_session: DEFAULT_MAX_SESSION,
            description: None,
            tags: Tags::default(),
            boundary: None,
            policies: Policies {
                attached: vec![service.policy_arn(self.partition())],
                ..Policies::default()
            },
        };
        roles::create_with_aws_policies(&mut writes, account, &role);
        Ok(writes)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::World;

    #[tokio::test]
    async fn a_role_is_what_it_was_last_changed_to() {
        let world = World::new();
        let account = world.root().account();
        assert!(world.iam.role(account, "App").await.unwrap().is_none());
        world.role("App").await;
        let role = world.iam.role(account, "app").await.unwrap().unwrap();
        assert_eq!((&*role.arn, role.max_session), ("arn:aws:iam::111122223333:role/App", 3600));
        assert!(role.id.starts_with("AROA") && role.trust.poison().is_none());
        assert!(Arc::ptr_eq(&role, &world.iam.role(account, "App").await.unwrap().unwrap()));
        world.call("UpdateRole", json!({"RoleName": "App", "MaxSessionDuration": 7200})).await;
        assert_eq!(world.iam.role(account, "App").await.unwrap().unwrap().max_session, 7200);
        world.iam.role_used(account, "App", &world.root());
        let found = world.call("GetRole", json!({"RoleName": "App"})).await;
        assert_eq!(found["Role"]["RoleLastUsed"]["Region"], "eu-central-1");
    }

    #[tokio::test]
    async fn managed_policies_have_a_text() {
        let world = World::new();
        let own = world.policy("Own").await;
        for (arn, found) in [
            (own.as_str(), true),
            ("arn:aws:iam::aws:policy/AdministratorAccess", true),
            ("arn:aws:iam::aws:policy/Absent", false),
            ("arn:aws:iam::111122223333:policy/Absent", false),
            ("nonsense", false),
        ] {
            assert_eq!(world.iam.managed_policy_text(arn).await.unwrap().is_some(), found, "{arn}");
        }
    }

    #[tokio::test]
    async fn new_accounts_get_the_role_of_their_management_account() {
        let world = World::new();
        let (account, management) = (world.root().account(), "444455556666".parse().unwrap());
        let now = world.root().time;
        let name = "OrganizationAccountAccessRole";
        let writes = world.iam.access_role(account, name, management, now).await.unwrap();
        world.iam.repo().store().commit(writes).await.unwrap();
        let attached = world.call("ListAttachedRolePolicies", json!({"RoleName": name})).await;
        assert_eq!(attached["AttachedPolicies"][0]["PolicyName"], "AdministratorAccess");
        let role = world.iam.role(account, name).await.unwrap().unwrap();
        assert!(role.trust.poison().is_none());
        let administrator = json!({"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
        assert_eq!(world.call("GetPolicy", administrator).await["Policy"]["AttachmentCount"], 1);
        assert!(world.iam.access_role(account, "a b", management, now).await.is_err());
    }

    #[tokio::test]
    async fn a_service_linked_role_is_made_once() {
        let world = World::new();
        let (account, now) = (world.root().account(), world.root().time);
        let principal = "guardduty.amazonaws.com";
        let writes = world.iam.service_linked_role(account, principal, now).await.unwrap();
        world.iam.repo().store().commit(writes).await.unwrap();
        let role = world.call("GetRole", json!({"RoleName": "AWSServiceRoleForAmazonGuardDuty"})).await;
        assert_eq!(role["Role"]["Path"], "/aws-service-role/guardduty.amazonaws.com/");
        for nothing in [principal, "unknown.amazonaws.com"] {
            assert!(
                world.iam.service_linked_role(account, nothing, now).await.unwrap().is_empty(),
                "{nothing}"
            );
        }
    }
}
