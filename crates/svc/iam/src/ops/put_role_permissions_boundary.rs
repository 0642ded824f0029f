//! `PutRolePermissionsBoundary`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html>

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::attachments;
use crate::condition::Keys;
use crate::entity::Named;
use crate::records::Role;
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for operations::PutRolePermissionsBoundary {
    const ACCESS: Access = Access::write("iam:PutRolePermissionsBoundary");
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
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { permissions_boundary: Some(&input.permissions_boundary), ..target.keys() }.get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let found = target.modifiable()?;
        let (mut changed, mut writes) = (found.record.clone(), WriteSet::new());
        attachments::set_boundary(iam, cx, &mut changed, &input.permissions_boundary, &mut writes).await?;
        repo::replace(&mut writes, cx.account(), found, &changed);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    const OPERATION: &str = "PutRolePermissionsBoundary";

    fn input(name: &str) -> serde_json::Value {
        json!({"RoleName": name, "PermissionsBoundary": "arn:aws:iam::aws:policy/PowerUserAccess"})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.role("Bob").await;
        let own = world.policy("Own").await;
        for arn in [own.as_str(), "arn:aws:iam::aws:policy/PowerUserAccess", &own] {
            world.call(OPERATION, json!({"RoleName": "Bob", "PermissionsBoundary": arn})).await;
            let found = world.call("GetRole", json!({"RoleName": "Bob"})).await;
            let expected = json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn});
            assert_eq!(found["Role"]["PermissionsBoundary"], expected);
        }
        for (arn, count) in [(own.as_str(), 1), ("arn:aws:iam::aws:policy/PowerUserAccess", 0)] {
            let policy = world.call("GetPolicy", json!({"PolicyArn": arn})).await;
            assert_eq!(policy["Policy"]["PermissionsBoundaryUsageCount"], count, "{arn}");
        }
        assert_eq!(world.error("DeletePolicy", json!({"PolicyArn": own})).await.0, "DeleteConflictException");
        let (action, resource) = world.demands(OPERATION, input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:PutRolePermissionsBoundary", "arn:aws:iam::111122223333:role/Bob")
        );
    }

    #[tokio::test]
    async fn what_cannot_be_is_refused() {
        let world = World::new();
        world.role("Bob").await;
        assert_eq!(
            world.error(OPERATION, input("Nobody")).await,
            ("NoSuchEntityException", "The role with name Nobody cannot be found.".to_owned())
        );
        let with = |arn: &str| json!({"RoleName": "Bob", "PermissionsBoundary": arn});
        let absent = "arn:aws:iam::111122223333:policy/Absent";
        let message = format!("Scope ARN: {absent} does not exist or is not attachable.");
        assert_eq!(world.error(OPERATION, with(absent)).await, ("NoSuchEntityException", message));
        assert_eq!(world.error(OPERATION, with("arn:aws:iam::aws:role/X")).await.0, "InvalidInputException");
    }

    #[tokio::test]
    async fn a_service_linked_role_is_its_services() {
        let world = World::new();
        let name = world.service_linked_role().await;
        let (error, message) = world.error(OPERATION, input(&name)).await;
        assert_eq!(error, "UnmodifiableEntityException", "{message}");
    }
}
