//! `DetachGroupPolicy`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachGroupPolicy.html>

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};

use crate::attachments;
use crate::condition::Keys;
use crate::entity::Named;
use crate::records::Group;
use crate::service::Iam;

impl Handler<Iam> for operations::DetachGroupPolicy {
    const ACCESS: Access = Access::write("iam:DetachGroupPolicy");
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
            attachments::detach(iam, cx, target.modifiable()?, &input.policy_arn).await?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    const OPERATION: &str = "DetachGroupPolicy";

    fn input(name: &str) -> serde_json::Value {
        json!({"GroupName": name, "PolicyArn": "arn:aws:iam::111122223333:policy/Own"})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.call("CreateGroup", json!({"GroupName": "Bob", "Path": "/a/"})).await;
        let own = world.policy("Own").await;
        world.call("AttachGroupPolicy", input("Bob")).await;
        let (action, resource) = world.demands(OPERATION, input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:DetachGroupPolicy", "arn:aws:iam::111122223333:group/a/Bob")
        );
        world.call(OPERATION, input("Bob")).await;
        let found = world.call("ListAttachedGroupPolicies", json!({"GroupName": "Bob"})).await;
        assert_eq!(found["AttachedPolicies"], json!([]));
        world.call("DeletePolicy", json!({"PolicyArn": own})).await;
        let message = format!("Policy {own} was not found.");
        assert_eq!(world.error(OPERATION, input("Bob")).await, ("NoSuchEntityException", message));
        assert_eq!(
            world.error(OPERATION, input("Nobody")).await,
            ("NoSuchEntityException", "The group with name Nobody cannot be found.".to_owned())
        );
        let malformed = json!({"GroupName": "Bob", "PolicyArn": "arn:aws:iam::aws:role/X"});
        assert_eq!(world.error(OPERATION, malformed).await.0, "InvalidInputException");
    }
}
