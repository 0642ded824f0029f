//! `GetRole`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::records::Role;
use crate::roles;
use crate::service::Iam;

impl Handler<Iam> for operations::GetRole {
    const ACCESS: Access = Access::read("iam:GetRole");
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
        let role = target.get()?;
        let used = iam.role_uses().of(&**iam.repo().store(), cx.account(), &role.id).await?;
        Ok(Reply::new(types::GetRoleResponse { role: roles::whole(role, used.as_ref(), cx) }))
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
        let found = world.call("GetRole", input("Bob")).await;
        assert_eq!(found["Role"]["RoleName"], "Bob");
        assert_eq!(found["Role"]["MaxSessionDuration"], 3600);
        assert_eq!(found["Role"]["RoleLastUsed"], json!({}));
        assert_eq!(
            world.error("GetRole", input("Nobody")).await,
            ("NoSuchEntityException", "The role with name Nobody cannot be found.".to_owned())
        );
        let (action, resource) = world.demands("GetRole", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:GetRole", "arn:aws:iam::111122223333:role/Bob")
        );
    }
}
