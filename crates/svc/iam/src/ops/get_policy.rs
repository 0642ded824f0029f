//! `GetPolicy`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html>

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::attachments;
use crate::managed_policies::{self, Managed, NamedPolicy};
use crate::service::Iam;

impl Handler<Iam> for operations::GetPolicy {
    const ACCESS: Access = Access::read("iam:GetPolicy");
    type Target = NamedPolicy;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        NamedPolicy::resolve(iam, cx, &input.policy_arn).await
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
        let found = target.get()?;
        let (account, partition) = (cx.account(), target.partition());
        let usage = attachments::usage(iam, account, found.id()).await?;
        let policy = match found {
            Managed::Aws(policy) => managed_policies::aws_to_api(policy, partition, usage),
            Managed::Customer(policy) => types::Policy {
                description: policy.description.clone(),
                tags: policy.tags.to_api_if_any(),
                ..managed_policies::customer_to_api(policy, partition, account, usage)
            },
        };
        Ok(Reply::new(types::GetPolicyResponse { policy: Some(policy) }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    fn input(name: &str) -> serde_json::Value {
        json!({"PolicyArn": format!("arn:aws:iam::111122223333:policy/{name}")})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.policy("Bob").await;
        let found = world.call("GetPolicy", input("Bob")).await;
        assert_eq!((&found["Policy"]["PolicyName"], &found["Policy"]["Path"]), (&json!("Bob"), &json!("/")));
        let aws = json!({"PolicyArn": "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"});
        let found = world.call("GetPolicy", aws.clone()).await["Policy"].clone();
        assert_eq!((&found["Path"], &found["AttachmentCount"]), (&json!("/job-function/"), &json!(0)));
        let (action, resource) = world.demands("GetPolicy", aws).await;
        let arn = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess";
        assert_eq!((action.as_str(), resource.as_str()), ("iam:GetPolicy", arn));
        assert_eq!(
            world.error("GetPolicy", input("bob")).await.0,
            "NoSuchEntityException",
            "ARNs keep their case"
        );
        let elsewhere = json!({"PolicyArn": "arn:aws:iam::444455556666:policy/X"});
        assert_eq!(world.error("GetPolicy", elsewhere).await.0, "AccessDenied");
        assert_eq!(
            world.error("GetPolicy", input("Nobody")).await,
            (
                "NoSuchEntityException",
                "Policy arn:aws:iam::111122223333:policy/Nobody was not found.".to_owned()
            )
        );
        let (action, resource) = world.demands("GetPolicy", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:GetPolicy", "arn:aws:iam::111122223333:policy/Bob")
        );
        let invalid = world.error("GetPolicy", json!({"PolicyArn": "arn:aws:iam::aws:role/X"})).await;
        assert_eq!(
            invalid,
            ("InvalidInputException", "ARN arn:aws:iam::aws:role/X is not valid.".to_owned())
        );
    }
}
