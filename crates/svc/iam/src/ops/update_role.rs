//! `UpdateRole`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html>
//!
//! Without `MaxSessionDuration` the default of an hour is set, as the reference says. Of a service-linked role only the
//! description may change.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::entity::Named;
use crate::records::{DEFAULT_MAX_SESSION, Role};
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for operations::UpdateRole {
    const ACCESS: Access = Access::write("iam:UpdateRole");
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
        if input.max_session_duration.is_some() {
            target.modifiable()?;
        }
        let mut changed = found.record.clone();
        changed.max_session = input.max_session_duration.unwrap_or(DEFAULT_MAX_SESSION);
        if let Some(description) = &input.description {
            changed.description = Some(description.clone());
        }
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), found, &changed);
        Ok(Reply::with_writes(types::UpdateRoleResponse {}, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    fn input(name: &str) -> serde_json::Value {
        json!({"RoleName": name, "Description": "new", "MaxSessionDuration": 43200})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.role("Bob").await;
        world.call("UpdateRole", input("Bob")).await;
        let role = world.call("GetRole", json!({"RoleName": "Bob"})).await["Role"].clone();
        assert_eq!((&role["Description"], &role["MaxSessionDuration"]), (&json!("new"), &json!(43200)));
        world.call("UpdateRole", json!({"RoleName": "Bob"})).await;
        let role = world.call("GetRole", json!({"RoleName": "Bob"})).await["Role"].clone();
        assert_eq!((&role["Description"], &role["MaxSessionDuration"]), (&json!("new"), &json!(3600)));
        assert_eq!(
            world.error("UpdateRole", input("Nobody")).await,
            ("NoSuchEntityException", "The role with name Nobody cannot be found.".to_owned())
        );
        let linked = world.service_linked_role().await;
        assert_eq!(world.error("UpdateRole", input(&linked)).await.0, "UnmodifiableEntityException");
        world.call("UpdateRole", json!({"RoleName": linked, "Description": "d"})).await;
        let (action, resource) = world.demands("UpdateRole", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:UpdateRole", "arn:aws:iam::111122223333:role/Bob")
        );
    }
}
