//! `DeleteUserPermissionsBoundary`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPermissionsBoundary.html>
//!
//! Where there is no boundary, nothing changes.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::attachments;
use crate::entity::Named;
use crate::records::User;
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for operations::DeleteUserPermissionsBoundary {
    const ACCESS: Access = Access::write("iam:DeleteUserPermissionsBoundary");
    type Target = Named<User>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        Named::resolve(iam, cx, &input.user_name).await
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
        let found = target.modifiable()?;
        let (mut changed, mut writes) = (found.record.clone(), WriteSet::new());
        attachments::clear_boundary(iam, cx, &mut changed, &mut writes).await?;
        repo::replace(&mut writes, cx.account(), found, &changed);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    const OPERATION: &str = "DeleteUserPermissionsBoundary";

    fn input(name: &str) -> serde_json::Value {
        json!({"UserName": name})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.call("CreateUser", json!({"UserName": "Bob", "Path": "/a/"})).await;
        let own = world.policy("Own").await;
        world
            .call("PutUserPermissionsBoundary", json!({"UserName": "Bob", "PermissionsBoundary": own}))
            .await;
        let (action, resource) = world.demands(OPERATION, input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:DeleteUserPermissionsBoundary", "arn:aws:iam::111122223333:user/a/Bob")
        );
        world.call(OPERATION, input("Bob")).await;
        world.call(OPERATION, input("Bob")).await;
        let found = world.call("GetUser", json!({"UserName": "Bob"})).await;
        assert!(found["User"].get("PermissionsBoundary").is_none());
        world.call("DeletePolicy", json!({"PolicyArn": own})).await;
        assert_eq!(
            world.error(OPERATION, input("Nobody")).await,
            ("NoSuchEntityException", "The user with name Nobody cannot be found.".to_owned())
        );
    }
}
