//! `RemoveRoleFromInstanceProfile`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveRoleFromInstanceProfile.html>

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::entity::Named;
use crate::error;
use crate::instance_profiles;
use crate::records::{InstanceProfile, Role};
use crate::repo;
use crate::service::Iam;

/// The profile and the role.
#[derive(Debug)]
pub struct Member {
    profile: Named<InstanceProfile>,
    role: Named<Role>,
}

impl Handler<Iam> for operations::RemoveRoleFromInstanceProfile {
    const ACCESS: Access = Access::write("iam:RemoveRoleFromInstanceProfile");
    type Target = Member;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let profile = Named::find(iam, cx, &input.instance_profile_name).await?;
        let role = Named::find(iam, cx, &input.role_name).await?;
        let check = profile.check();
        Ok(Resolved::new(Member { profile, role }, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.profile.keys().get(key)
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let profile = target.profile.get()?;
        let role = target.role.modifiable()?;
        if profile.role.as_ref() != Some(&role.id) {
            return Err(error::not_found("role", &input.role_name));
        }
        let mut changed = profile.record.clone();
        changed.role = None;
        let (account, mut writes) = (cx.account(), WriteSet::new());
        repo::unlink(&mut writes, account, instance_profiles::PROFILES, &role.id, &profile.id);
        repo::replace(&mut writes, account, profile, &changed);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    fn input(name: &str) -> serde_json::Value {
        json!({"InstanceProfileName": name, "RoleName": "App"})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.call("CreateInstanceProfile", json!({"InstanceProfileName": "Bob"})).await;
        world.role("App").await;
        world.call("AddRoleToInstanceProfile", input("Bob")).await;
        let (action, resource) = world.demands("RemoveRoleFromInstanceProfile", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:RemoveRoleFromInstanceProfile", "arn:aws:iam::111122223333:instance-profile/Bob")
        );
        world.call("RemoveRoleFromInstanceProfile", input("Bob")).await;
        let found = world.call("GetInstanceProfile", json!({"InstanceProfileName": "Bob"})).await;
        assert_eq!(found["InstanceProfile"]["Roles"], json!([]));
        let gone = "The role with name App cannot be found.".to_owned();
        assert_eq!(
            world.error("RemoveRoleFromInstanceProfile", input("Bob")).await,
            ("NoSuchEntityException", gone)
        );
        assert_eq!(
            world.error("RemoveRoleFromInstanceProfile", input("Nobody")).await,
            ("NoSuchEntityException", "Instance Profile Nobody cannot be found.".to_owned())
        );
        let linked = world.service_linked_role().await;
        let linked = json!({"InstanceProfileName": "Bob", "RoleName": linked});
        assert_eq!(
            world.error("RemoveRoleFromInstanceProfile", linked).await.0,
            "UnmodifiableEntityException"
        );
    }
}
