//! `GetInstanceProfile`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetInstanceProfile.html>

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::instance_profiles;
use crate::records::InstanceProfile;
use crate::service::Iam;

impl Handler<Iam> for operations::GetInstanceProfile {
    const ACCESS: Access = Access::read("iam:GetInstanceProfile");
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
        iam: &Iam,
        cx: &Context,
        _: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let instance_profile = instance_profiles::to_api(iam, cx, target.get()?).await?;
        Ok(Reply::new(types::GetInstanceProfileResponse { instance_profile }))
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
        world
            .call("AddRoleToInstanceProfile", json!({"InstanceProfileName": "Bob", "RoleName": "App"}))
            .await;
        let found = world.call("GetInstanceProfile", input("Bob")).await;
        assert_eq!(found["InstanceProfile"]["Roles"][0]["RoleName"], "App");
        assert_eq!(
            world.error("GetInstanceProfile", input("Nobody")).await,
            ("NoSuchEntityException", "Instance Profile Nobody cannot be found.".to_owned())
        );
        let (action, resource) = world.demands("GetInstanceProfile", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:GetInstanceProfile", "arn:aws:iam::111122223333:instance-profile/Bob")
        );
    }
}
