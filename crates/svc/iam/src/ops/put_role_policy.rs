//! `PutRolePolicy`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>
//!
//! Puts an inline policy.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};

use crate::attachments;
use crate::entity::Named;
use crate::records::Role;
use crate::service::Iam;

impl Handler<Iam> for operations::PutRolePolicy {
    const ACCESS: Access = Access::write("iam:PutRolePolicy");
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
            attachments::put_inline(cx, target.modifiable()?, &input.policy_name, &input.policy_document)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    const OPERATION: &str = "PutRolePolicy";
    const DOCUMENT: &str =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;

    fn input(name: &str) -> serde_json::Value {
        json!({"RoleName": name, "PolicyName": "P", "PolicyDocument": DOCUMENT})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.role("Bob").await;
        world.call(OPERATION, input("Bob")).await;
        world.call(OPERATION, input("bob")).await;
        let found = world.call("ListRolePolicies", json!({"RoleName": "Bob"})).await;
        assert_eq!(found["PolicyNames"], json!(["P"]), "a policy of the same name is replaced");
        let (action, resource) = world.demands(OPERATION, input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:PutRolePolicy", "arn:aws:iam::111122223333:role/Bob")
        );
    }

    #[tokio::test]
    async fn what_cannot_be_is_refused() {
        let world = World::new();
        world.role("Bob").await;
        assert_eq!(
            world.error(OPERATION, input("Nobody")).await,
            ("NoSuchEntityException", "The role with name Nobody cannot be found.".to_owned())
        );
        let with = |name: &str, document: &str| json!({"RoleName": "Bob", "PolicyName": name, "PolicyDocument": document});
        let (error, _) = world.error(OPERATION, with("P", "{}")).await;
        assert_eq!(error, "MalformedPolicyDocumentException");
        let (error, _) = world.error(OPERATION, with("a b", DOCUMENT)).await;
        assert_eq!(error, "ValidationException");
        // Half of the quota each, and a little more.
        let half = DOCUMENT.replace("s3:*", &format!("s3:{}", "x".repeat(5120)));
        world.call(OPERATION, with("P", &half)).await;
        let (error, message) = world.error(OPERATION, with("Q", &half)).await;
        assert_eq!(error, "LimitExceededException");
        assert_eq!(message, "Maximum policy size of 10240 bytes exceeded for role Bob");
        let spaces = DOCUMENT.replace('{', &format!("{{{}", " ".repeat(3072)));
        world.call(OPERATION, with("Q", &spaces)).await;
    }

    #[tokio::test]
    async fn a_service_linked_role_is_its_services() {
        let world = World::new();
        let name = world.service_linked_role().await;
        let (error, message) = world.error(OPERATION, input(&name)).await;
        assert_eq!(error, "UnmodifiableEntityException", "{message}");
    }
}
