//! `AddUserToGroup`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html>
//!
//! Puts a user into a group. It may be in it already.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::entity::Named;
use crate::groups;
use crate::quota;
use crate::records::{Group, User};
use crate::repo;
use crate::service::Iam;

/// The group, which is asked about, and the user.
#[derive(Debug)]
pub struct Member {
    group: Named<Group>,
    user: Named<User>,
}

impl Handler<Iam> for operations::AddUserToGroup {
    const ACCESS: Access = Access::write("iam:AddUserToGroup");
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
        if user.groups.contains(&group.id) {
            return Ok(Reply::new(Unit));
        }
        quota::GROUPS_PER_USER.ensure_room(user.groups.len())?;
        let mut changed = user.record.clone();
        changed.groups.push(group.id.clone());
        let mut writes = WriteSet::new();
        repo::require(&mut writes, cx.account(), group);
        repo::replace(&mut writes, cx.account(), user, &changed);
        repo::link(&mut writes, cx.account(), groups::MEMBERS, &group.id, &user.id);
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
        world.call("AddUserToGroup", input.clone()).await;
        let found = world.call("GetGroup", json!({"GroupName": "G"})).await;
        assert_eq!(found["Users"].as_array().unwrap().len(), 1);
        let (action, resource) = world.demands("AddUserToGroup", input).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:AddUserToGroup", "arn:aws:iam::111122223333:group/G")
        );
        for (user, group) in [("Bob", "No"), ("No", "G")] {
            let error = world.error("AddUserToGroup", json!({"UserName": user, "GroupName": group})).await;
            assert_eq!(error.0, "NoSuchEntityException");
        }
        for i in 0..9 {
            let group = format!("g{i}");
            world.call("CreateGroup", json!({"GroupName": group})).await;
            world.call("AddUserToGroup", json!({"UserName": "Bob", "GroupName": group})).await;
        }
        world.call("CreateGroup", json!({"GroupName": "H"})).await;
        let error = world.error("AddUserToGroup", json!({"UserName": "Bob", "GroupName": "H"})).await;
        assert_eq!(error, ("LimitExceededException", "Cannot exceed quota for GroupsPerUser: 10".to_owned()));
    }
}
