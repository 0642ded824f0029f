//! `DeleteRolePolicy`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html>
//!
//! Deletes an inline policy.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};

use crate::attachments;
use crate::entity::Named;
use crate::records::Role;
use crate::service::Iam;

impl Handler<Iam> for operations::DeleteRolePolicy {
    const ACCESS: Access = Access::write("iam:DeleteRolePolicy");
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
        Ok(Reply::with_writes(
            Unit,
            attachments::delete_inline(cx, target.modifiable()?, &input.policy_name)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    const OPERATION: &str = "DeleteRolePolicy";

    fn input(name: &str) -> serde_json::Value {
        json!({"RoleName": name, "PolicyName": "P"})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.role("Bob").await;
        let document =
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        let put = json!({"RoleName": "Bob", "PolicyName": "P", "PolicyDocument": document});
        world.call("PutRolePolicy", put).await;
        let (action, resource) = world.demands(OPERATION, input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:DeleteRolePolicy", "arn:aws:iam::111122223333:role/Bob")
        );
        world.call(OPERATION, input("Bob")).await;
        let gone = "The role policy with name P cannot be found.".to_owned();
        assert_eq!(world.error(OPERATION, input("Bob")).await, ("NoSuchEntityException", gone));
        assert_eq!(
            world.error(OPERATION, input("Nobody")).await,
            ("NoSuchEntityException", "The role with name Nobody cannot be found.".to_owned())
        );
    }

    #[tokio::test]
    async fn a_service_linked_role_is_its_services() {
        let world = World::new();
        let name = world.service_linked_role().await;
        let (error, message) = world.error(OPERATION, input(&name)).await;
        assert_eq!(error, "UnmodifiableEntityException", "{message}");
    }
}
