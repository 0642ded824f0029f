//! `RemoveUserFromGroup`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html>
//!
//! Takes a user out of a group.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::entity::Named;
use crate::error;
use crate::groups;
use crate::records::{Group, User};
use crate::repo;
use crate::service::Iam;

/// The group, which is asked about, and the user.
#[derive(Debug)]
pub struct Member {
    group: Named<Group>,
    user: Named<User>,
}

impl Handler<Iam> for operations::RemoveUserFromGroup {
    const ACCESS: Access = Access::write("iam:RemoveUserFromGroup");
    type Target = Member;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let group = Named::find(iam, cx, &input.group_name).await?;
        let user = Named::find(iam, cx, &input.user_name).await?;
        let check = group.check();
        Ok(Resolved::new(Member { group, user }, check))
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        _: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (group, user) = (target.group.get()?, target.user.get()?);
        let mut changed = user.record.clone();
        changed.groups.retain(|id| *id != group.id);
        if changed.groups.len() == user.groups.len() {
            return Err(error::not_found("user", &format!("{} in group {}", user.name, group.name)));
        }
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), user, &changed);
        repo::unlink(&mut writes, cx.account(), groups::MEMBERS, &group.id, &user.id);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.call("CreateUser", json!({"UserName": "Bob"})).await;
        world.call("CreateGroup", json!({"GroupName": "G"})).await;
        let input = json!({"UserName": "Bob", "GroupName": "G"});
        world.call("AddUserToGroup", input.clone()).await;
        let (action, resource) = world.demands("RemoveUserFromGroup", input.clone()).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:RemoveUserFromGroup", "arn:aws:iam::111122223333:group/G")
        );
        world.call("RemoveUserFromGroup", input.clone()).await;
        let found = world.call("GetGroup", json!({"GroupName": "G"})).await;
        assert_eq!(found["Users"], json!([]));
        assert_eq!(world.error("RemoveUserFromGroup", input).await.0, "NoSuchEntityException");
        for (user, group) in [("Bob", "No"), ("No", "G")] {
            let error =
                world.error("RemoveUserFromGroup", json!({"UserName": user, "GroupName": group})).await;
            assert_eq!(error.0, "NoSuchEntityException");
        }
    }
}
