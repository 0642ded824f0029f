//! `GetRole`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::records::Role;
use crate::roles::{self, RoleId};
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
        let used = iam.role_uses().of(&RoleId::new(cx.account(), &role.id)).await?;
        Ok(Reply::new(types::GetRoleResponse { role: roles::whole(role, used, cx) }))
    }
}

#[cfg(test)]
mod tests {
    use garrison_kernel::ports::IdentityDirectory as _;
    use serde_json::json;

    use crate::repo::layout;
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

    #[tokio::test]
    async fn the_last_use_is_seen_written_at_the_end_and_gone_with_the_role() {
        let world = World::new();
        world.role("App").await;
        let cx = world.root();
        // As STS asks for a role before it is assumed.
        world.iam.role(cx.account(), "App").await.unwrap();
        world.iam.role_used(cx.account(), "App", &cx);
        let used = json!({"LastUsedDate": cx.time.as_f64(), "Region": cx.region.as_str()});
        let found = world.call("GetRole", input("App")).await;
        assert_eq!(found["Role"]["RoleLastUsed"], used, "before it is written");
        world.iam.write_uses(cx.time).await.unwrap();
        world.iam.directory().forget();
        let found = world.call("GetRole", input("App")).await;
        assert_eq!(found["Role"]["RoleLastUsed"], used);

        let place = layout::role_use(cx.account(), found["Role"]["RoleId"].as_str().unwrap());
        assert!(world.iam.repo().store().get(&place).await.unwrap().is_some());
        world.call("DeleteRole", input("App")).await;
        assert!(world.iam.repo().store().get(&place).await.unwrap().is_none());
    }
}
