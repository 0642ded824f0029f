//! `DeleteGroup`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html>
//!
//! Deletes a group without users and policies.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::attachments;
use crate::entity::Named;
use crate::error;
use crate::groups;
use crate::records::Group;
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for operations::DeleteGroup {
    const ACCESS: Access = Access::write("iam:DeleteGroup");
    type Target = Named<Group>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let target = Named::find(iam, cx, &input.group_name).await?;
        let check = target.check();
        Ok(Resolved::new(target, check))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        _: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let group = target.get()?;
        let members = iam.repo().links(cx.account(), groups::MEMBERS, &group.id).await?;
        if !members.to.is_empty() {
            return Err(error::delete_conflict("remove users from group"));
        }
        attachments::ensure_none(&group.record)?;
        let mut writes = WriteSet::new();
        repo::require_links(&mut writes, cx.account(), groups::MEMBERS, &group.id, &members);
        repo::delete(&mut writes, cx.account(), group);
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
        world.call("CreateGroup", json!({"GroupName": "G"})).await;
        world.call("CreateUser", json!({"UserName": "Bob"})).await;
        let administrator =
            json!({"GroupName": "G", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
        let inline = json!({"GroupName": "G", "PolicyName": "P", "PolicyDocument": crate::testing::DOCUMENT});
        let member = json!({"UserName": "Bob", "GroupName": "G"});
        for (with, without, input, message) in [
            ("AddUserToGroup", "RemoveUserFromGroup", member, "remove users from group"),
            ("AttachGroupPolicy", "DetachGroupPolicy", administrator, "detach all policies"),
            ("PutGroupPolicy", "DeleteGroupPolicy", inline, "delete policies"),
        ] {
            world.call(with, input.clone()).await;
            let error = world.error("DeleteGroup", json!({"GroupName": "G"})).await;
            assert_eq!(
                error,
                ("DeleteConflictException", format!("Cannot delete entity, must {message} first."))
            );
            world.call(without, input).await;
        }
        let (action, resource) = world.demands("DeleteGroup", json!({"GroupName": "G"})).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:DeleteGroup", "arn:aws:iam::111122223333:group/G")
        );
        world.call("DeleteGroup", json!({"GroupName": "G"})).await;
        assert_eq!(world.error("DeleteGroup", json!({"GroupName": "G"})).await.0, "NoSuchEntityException");
    }
}
