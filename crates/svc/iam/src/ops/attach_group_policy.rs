//! `AttachGroupPolicy`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachGroupPolicy.html>
//!
//! Attaching what is attached changes nothing.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};

use crate::attachments;
use crate::condition::Keys;
use crate::entity::Named;
use crate::records::Group;
use crate::service::Iam;

impl Handler<Iam> for operations::AttachGroupPolicy {
    const ACCESS: Access = Access::write("iam:AttachGroupPolicy");
    type Target = Named<Group>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        Named::resolve(iam, cx, &input.group_name).await
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { policy_arn: Some(&input.policy_arn), ..target.keys() }.get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        Ok(Reply::with_writes(
            Unit,
            attachments::attach(iam, cx, target.modifiable()?, &input.policy_arn).await?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    const OPERATION: &str = "AttachGroupPolicy";
    const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

    fn input(name: &str) -> serde_json::Value {
        json!({"GroupName": name, "PolicyArn": ADMINISTRATOR})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.call("CreateGroup", json!({"GroupName": "Bob", "Path": "/a/"})).await;
        let own = world.policy("Own").await;
        for arn in [ADMINISTRATOR, &own, ADMINISTRATOR] {
            world.call(OPERATION, json!({"GroupName": "Bob", "PolicyArn": arn})).await;
        }
        let found = world.call("ListAttachedGroupPolicies", json!({"GroupName": "Bob"})).await;
        assert_eq!(found["AttachedPolicies"].as_array().unwrap().len(), 2);
        let policy = world.call("GetPolicy", json!({"PolicyArn": own})).await;
        assert_eq!(policy["Policy"]["AttachmentCount"], 1);
        let (action, resource) = world.demands(OPERATION, input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:AttachGroupPolicy", "arn:aws:iam::111122223333:group/a/Bob")
        );
    }

    #[tokio::test]
    async fn what_cannot_be_is_refused() {
        let world = World::new();
        world.call("CreateGroup", json!({"GroupName": "Bob", "Path": "/a/"})).await;
        assert_eq!(
            world.error(OPERATION, input("Nobody")).await,
            ("NoSuchEntityException", "The group with name Nobody cannot be found.".to_owned())
        );
        let with = |arn: &str| json!({"GroupName": "Bob", "PolicyArn": arn});
        let absent = "arn:aws:iam::111122223333:policy/Absent";
        let message = format!("Policy {absent} does not exist or is not attachable.");
        assert_eq!(world.error(OPERATION, with(absent)).await, ("NoSuchEntityException", message));
        assert_eq!(world.error(OPERATION, with("arn:aws:iam::aws:role/X")).await.0, "InvalidInputException");
        let (error, message) = world
            .error(OPERATION, with("arn:aws:iam::aws:policy/aws-service-role/AWSShieldServiceRolePolicy"))
            .await;
        assert_eq!(error, "PolicyNotAttachableException");
        assert_eq!(message, "Cannot attach a Service Role Policy to a Customer Role.");
        for i in 0..10 {
            let arn = world.policy(&format!("P{i}")).await;
            world.call(OPERATION, with(&arn)).await;
        }
        let full = "Cannot exceed quota for PoliciesPerGroup: 10".to_owned();
        assert_eq!(world.error(OPERATION, input("Bob")).await, ("LimitExceededException", full));
    }
}
