//! `RemoveAccountFromOrganization`. Source: Organizations API Reference, "RemoveAccountFromOrganization".
//!
//! Action `organizations:RemoveAccountFromOrganization` on the account.

use garrison_api_organizations::operations;
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Unit};

use crate::act::Act;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::RemoveAccountFromOrganization {
    const ACCESS: Access = Access::write("organizations:RemoveAccountFromOrganization");
    const CALLERS: Callers = Callers::Management;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.account_id])
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let writes = service.repo().depart(scene.seat()?, &input.account_id).await?;
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, OTHER, World, deny};

    #[tokio::test]
    async fn a_removed_account_is_on_its_own() {
        let world = World::with_types(&["SERVICE_CONTROL_POLICY"]).await;
        let account = world.account("a").await;
        let policy = world.policy("SERVICE_CONTROL_POLICY", "p", &deny("s3:*")).await;
        world.attach(&policy, &account).await;
        assert_eq!(world.membership(&account).await.service_control.len(), 2);
        world.ok("RemoveAccountFromOrganization", json!({"AccountId": account})).await;
        let alone = world.membership(&account).await;
        assert!(alone.organization.is_none() && alone.service_control.is_empty());
        let targets = world.ok("ListTargetsForPolicy", json!({"PolicyId": policy})).await;
        assert_eq!(targets["Targets"], json!([]));
        world.ok_as(&account, "CreateOrganization", json!({})).await;
    }

    #[tokio::test]
    async fn not_every_account_can_be_removed() {
        let world = World::new().await;
        let (closed, delegate) = (world.account("a").await, world.account("b").await);
        world.ok("CloseAccount", json!({"AccountId": closed})).await;
        let service = json!({"ServicePrincipal": "config.amazonaws.com"});
        world.ok("EnableAWSServiceAccess", service).await;
        let input = json!({"AccountId": delegate, "ServicePrincipal": "config.amazonaws.com"});
        world.ok("RegisterDelegatedAdministrator", input).await;
        for (account, expected) in [
            (MANAGEMENT, "MasterCannotLeaveOrganizationException"),
            (OTHER, "AccountNotFoundException"),
            (closed.as_str(), "ConstraintViolationException: ACCOUNT_CANNOT_LEAVE_ORGANIZATION"),
            (
                delegate.as_str(),
                "ConstraintViolationException: CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
            ),
        ] {
            let input = json!({"AccountId": account});
            assert_eq!(world.refused("RemoveAccountFromOrganization", input).await, expected);
        }
    }
}
