//! `DeleteRole`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html>

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::attachments;
use crate::entity::Named;
use crate::records::Role;
use crate::repo::{self, layout};
use crate::roles;
use crate::service::Iam;

impl Handler<Iam> for operations::DeleteRole {
    const ACCESS: Access = Access::write("iam:DeleteRole");
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
        let account = cx.account();
        let mut writes = WriteSet::new();
        roles::require_unused(iam, account, found, &mut writes).await?;
        attachments::clear_boundary(iam, cx, &mut found.record.clone(), &mut writes).await?;
        writes.deletes.push(layout::role_use(account, &found.id));
        repo::delete(&mut writes, account, found);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

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
        let (action, resource) = world.demands("DeleteRole", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:DeleteRole", "arn:aws:iam::111122223333:role/Bob")
        );
        world.call("DeleteRole", input("Bob")).await;
        assert_eq!(world.error("GetRole", input("Bob")).await.0, "NoSuchEntityException");
        world.call("DeletePolicy", json!({"PolicyArn": own})).await;
        assert_eq!(
            world.error("DeleteRole", input("Nobody")).await,
            ("NoSuchEntityException", "The role with name Nobody cannot be found.".to_owned())
        );
        let linked = world.service_linked_role().await;
        assert_eq!(world.error("DeleteRole", input(&linked)).await.0, "UnmodifiableEntityException");
    }

    #[tokio::test]
    async fn what_is_in_use_stays() {
        let world = World::new();
        world.role("Bob").await;
        let administrator =
            json!({"RoleName": "Bob", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
        let document =
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        let inline = json!({"RoleName": "Bob", "PolicyName": "P", "PolicyDocument": document});
        let member = json!({"RoleName": "Bob", "InstanceProfileName": "I"});
        world.call("CreateInstanceProfile", json!({"InstanceProfileName": "I"})).await;
        for (with, without, input_, message) in [
            ("AttachRolePolicy", "DetachRolePolicy", administrator, "detach all policies"),
            ("PutRolePolicy", "DeleteRolePolicy", inline, "delete policies"),
            (
                "AddRoleToInstanceProfile",
                "RemoveRoleFromInstanceProfile",
                member,
                "remove roles from instance profile",
            ),
        ] {
            world.call(with, input_.clone()).await;
            let message = format!("Cannot delete entity, must {message} first.");
            assert_eq!(world.error("DeleteRole", input("Bob")).await, ("DeleteConflictException", message));
            let mut less = input_;
            less.as_object_mut().unwrap().remove("PolicyDocument");
            world.call(without, less).await;
        }
        world.call("DeleteRole", input("Bob")).await;
    }
}
