//! `DeleteUser`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html>
//!
//! Deletes a user that has nothing left.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::attachments;
use crate::entity::Named;
use crate::error;
use crate::records::User;
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for operations::DeleteUser {
    const ACCESS: Access = Access::write("iam:DeleteUser");
    type Target = Named<User>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let target = Named::find(iam, cx, &input.user_name).await?;
        let check = target.check();
        Ok(Resolved::new(target, check))
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
        let user = target.get()?;
        if !user.groups.is_empty() {
            return Err(error::delete_conflict("remove users from group"));
        }
        attachments::ensure_none(&user.record)?;
        let left = [
            (!user.access_keys.is_empty(), "delete access keys"),
            (user.password.is_some(), "delete login profile"),
            (!user.mfa_devices.is_empty(), "delete MFA device"),
            (
                !user.other_credentials.is_empty(),
                "delete signing certificates, SSH keys and service-specific credentials",
            ),
        ];
        if let Some((_, first)) = left.into_iter().find(|(is_left, _)| *is_left) {
            return Err(error::delete_conflict(first));
        }
        let mut writes = WriteSet::new();
        attachments::clear_boundary(iam, cx, &mut user.record.clone(), &mut writes).await?;
        repo::delete(&mut writes, cx.account(), user);
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
        let own = world.policy("Own").await;
        world.call("CreateUser", json!({"UserName": "Bob", "PermissionsBoundary": own})).await;
        let input = json!({"UserName": "Bob"});
        let (action, resource) = world.demands("DeleteUser", input.clone()).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:DeleteUser", "arn:aws:iam::111122223333:user/Bob")
        );
        world.call("DeleteUser", input.clone()).await;
        assert_eq!(world.error("DeleteUser", input).await.0, "NoSuchEntityException");
        world.call("DeletePolicy", json!({"PolicyArn": own})).await;
    }

    #[tokio::test]
    async fn what_has_something_left_stays() {
        let world = World::new();
        world.call("CreateUser", json!({"UserName": "Bob"})).await;
        world.call("CreateGroup", json!({"GroupName": "G"})).await;
        let administrator =
            json!({"UserName": "Bob", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
        let inline =
            json!({"UserName": "Bob", "PolicyName": "P", "PolicyDocument": crate::testing::DOCUMENT});
        let password = json!({"UserName": "Bob", "Password": "Correct-horse-1"});
        let member = json!({"UserName": "Bob", "GroupName": "G"});
        for (with, without, input, message) in [
            ("AddUserToGroup", "RemoveUserFromGroup", member, "remove users from group"),
            ("AttachUserPolicy", "DetachUserPolicy", administrator, "detach all policies"),
            ("PutUserPolicy", "DeleteUserPolicy", inline, "delete policies"),
            ("CreateLoginProfile", "DeleteLoginProfile", password, "delete login profile"),
        ] {
            world.call(with, input.clone()).await;
            let error = world.error("DeleteUser", json!({"UserName": "Bob"})).await;
            assert_eq!(
                error,
                ("DeleteConflictException", format!("Cannot delete entity, must {message} first."))
            );
            world.call(without, input).await;
        }
        let made = world.call("CreateAccessKey", json!({"UserName": "Bob"})).await;
        let error = world.error("DeleteUser", json!({"UserName": "Bob"})).await;
        assert_eq!(error.1, "Cannot delete entity, must delete access keys first.");
        let key = json!({"UserName": "Bob", "AccessKeyId": made["AccessKey"]["AccessKeyId"]});
        world.call("DeleteAccessKey", key).await;
        world.call("DeleteUser", json!({"UserName": "Bob"})).await;
    }
}
