//! `UpdateRoleDescription`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html>

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::entity::Named;
use crate::records::Role;
use crate::repo;
use crate::roles;
use crate::service::Iam;

impl Handler<Iam> for operations::UpdateRoleDescription {
    const ACCESS: Access = Access::write("iam:UpdateRoleDescription");
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
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let found = target.get()?;
        let mut changed = found.record.clone();
        changed.description = Some(input.description.clone());
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), found, &changed);
        let role = Some(roles::summary(&changed, cx));
        Ok(Reply::with_writes(types::UpdateRoleDescriptionResponse { role }, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    fn input(name: &str) -> serde_json::Value {
        json!({"RoleName": name, "Description": "new"})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.role("Bob").await;
        let linked = world.service_linked_role().await;
        for name in ["Bob", &linked] {
            let changed = world.call("UpdateRoleDescription", input(name)).await;
            assert_eq!(changed["Role"]["Description"], "new");
            assert_eq!(world.call("GetRole", json!({"RoleName": name})).await["Role"]["Description"], "new");
        }
        assert_eq!(
            world.error("UpdateRoleDescription", input("Nobody")).await,
            ("NoSuchEntityException", "The role with name Nobody cannot be found.".to_owned())
        );
        let (action, resource) = world.demands("UpdateRoleDescription", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:UpdateRoleDescription", "arn:aws:iam::111122223333:role/Bob")
        );
    }
}
