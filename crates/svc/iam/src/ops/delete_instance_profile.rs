//! `DeleteInstanceProfile`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html>

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::entity::Named;
use crate::error;
use crate::records::InstanceProfile;
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for operations::DeleteInstanceProfile {
    const ACCESS: Access = Access::write("iam:DeleteInstanceProfile");
    type Target = Named<InstanceProfile>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        Named::resolve(iam, cx, &input.instance_profile_name).await
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
        _: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let found = target.get()?;
        if found.role.is_some() {
            return Err(error::delete_conflict("remove roles from instance profile"));
        }
        let mut writes = WriteSet::new();
        repo::delete(&mut writes, cx.account(), found);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    fn input(name: &str) -> serde_json::Value {
        json!({"InstanceProfileName": name})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.call("CreateInstanceProfile", json!({"InstanceProfileName": "Bob"})).await;
        world.role("App").await;
        let member = json!({"InstanceProfileName": "Bob", "RoleName": "App"});
        world.call("AddRoleToInstanceProfile", member.clone()).await;
        let (action, resource) = world.demands("DeleteInstanceProfile", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:DeleteInstanceProfile", "arn:aws:iam::111122223333:instance-profile/Bob")
        );
        let conflict = "Cannot delete entity, must remove roles from instance profile first.".to_owned();
        assert_eq!(
            world.error("DeleteInstanceProfile", input("Bob")).await,
            ("DeleteConflictException", conflict)
        );
        world.call("RemoveRoleFromInstanceProfile", member).await;
        world.call("DeleteInstanceProfile", input("Bob")).await;
        assert_eq!(world.error("GetInstanceProfile", input("Bob")).await.0, "NoSuchEntityException");
        assert_eq!(
            world.error("DeleteInstanceProfile", input("Nobody")).await,
            ("NoSuchEntityException", "Instance Profile Nobody cannot be found.".to_owned())
        );
    }
}
