//! `AddRoleToInstanceProfile`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html>
//!
//! The caller passes the role to EC2, and needs `iam:PassRole` on it.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::condition::Keys;
use crate::entity::Named;
use crate::instance_profiles;
use crate::quota;
use crate::records::{InstanceProfile, Role};
use crate::repo;
use crate::service::Iam;

/// The profile and the role.
#[derive(Debug)]
pub struct Member {
    profile: Named<InstanceProfile>,
    role: Named<Role>,
}

impl Handler<Iam> for operations::AddRoleToInstanceProfile {
    const ACCESS: Access = Access::write("iam:AddRoleToInstanceProfile");
    type Target = Member;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let profile = Named::find(iam, cx, &input.instance_profile_name).await?;
        let role = Named::find(iam, cx, &input.role_name).await?;
        let (check, pass) = (profile.check(), role.pass_check());
        Ok(Resolved::new(Member { profile, role }, check).and(pass))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a Self::Target,
        check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        match check {
            0 => target.profile.keys().get(key),
            _ => Keys { passed_to_service: Some("ec2.amazonaws.com"), ..target.role.keys() }.get(key),
        }
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        _: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let profile = target.profile.get()?;
        let role = target.role.modifiable()?;
        quota::ROLES_PER_INSTANCE_PROFILE.ensure_room(usize::from(profile.role.is_some()))?;
        let mut changed = profile.record.clone();
        changed.role = Some(role.id.clone());
        let (account, mut writes) = (cx.account(), WriteSet::new());
        repo::require(&mut writes, account, role);
        repo::link(&mut writes, account, instance_profiles::PROFILES, &role.id, &profile.id);
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
        let (action, resource) = world.demands("AddRoleToInstanceProfile", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:AddRoleToInstanceProfile", "arn:aws:iam::111122223333:instance-profile/Bob")
        );
        world.call("AddRoleToInstanceProfile", input("Bob")).await;
        let full = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1".to_owned();
        assert_eq!(
            world.error("AddRoleToInstanceProfile", input("Bob")).await,
            ("LimitExceededException", full)
        );
        assert_eq!(
            world.error("AddRoleToInstanceProfile", input("Nobody")).await,
            ("NoSuchEntityException", "Instance Profile Nobody cannot be found.".to_owned())
        );
        let nobody = json!({"InstanceProfileName": "Bob", "RoleName": "Nobody"});
        let missing = "The role with name Nobody cannot be found.".to_owned();
        assert_eq!(world.error("AddRoleToInstanceProfile", nobody).await, ("NoSuchEntityException", missing));
        let linked = world.service_linked_role().await;
        let linked = json!({"InstanceProfileName": "Bob", "RoleName": linked});
        assert_eq!(world.error("AddRoleToInstanceProfile", linked).await.0, "UnmodifiableEntityException");
    }
}
