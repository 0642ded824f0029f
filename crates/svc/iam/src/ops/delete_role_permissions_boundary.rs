//! `DeleteRolePermissionsBoundary`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html>
//!
//! Where there is no boundary, nothing changes.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::attachments;
use crate::entity::Named;
use crate::records::Role;
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for operations::DeleteRolePermissionsBoundary {
    const ACCESS: Access = Access::write("iam:DeleteRolePermissionsBoundary");
    type Target = Named<Role>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        Named::resolve(iam, cx, &input.role_name).await
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys().get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        _: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let found = target.modifiable()?;
        let (mut changed, mut writes) = (found.record.clone(), WriteSet::new());
        attachments::clear_boundary(iam, cx, &mut changed, &mut writes).await?;
        repo::replace(&mut writes, cx.account(), found, &changed);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    const OPERATION: &str = "DeleteRolePermissionsBoundary";

    fn input(name: &str) -> serde_json::Value {
        json!({"RoleName": name})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.role("Bob").await;
        let own = world.policy("Own").await;
        world
            .call("PutRolePermissionsBoundary", json!({"RoleName": "Bob", "PermissionsBoundary": own}))
            .await;
        let (action, resource) = world.demands(OPERATION, input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:DeleteRolePermissionsBoundary", "arn:aws:iam::111122223333:role/Bob")
        );
        world.call(OPERATION, input("Bob")).await;
        world.call(OPERATION, input("Bob")).await;
        let found = world.call("GetRole", json!({"RoleName": "Bob"})).await;
        assert!(found["Role"].get("PermissionsBoundary").is_none());
        world.call("DeletePolicy", json!({"PolicyArn": own})).await;
        assert_eq!(
            world.error(OPERATION, input("Nobody")).await,
            ("NoSuchEntityException", "The role with name Nobody cannot be found.".to_owned())
        );
    }

    #[tokio::test]
    async fn a_service_linked_role_is_its_services() {
        let world = World::new();
        let name = world.service_linked_role().await;
        let (error, message) = world.error(OPERATION, input(&name)).await;
        assert_eq!(error, "UnmodifiableEntityException", "{message}");
    }
}
