//! `GetGroupPolicy`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroupPolicy.html>
//!
//! The document is percent-encoded.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::attachments;
use crate::entity::Named;
use crate::records::Group;
use crate::service::Iam;

impl Handler<Iam> for operations::GetGroupPolicy {
    const ACCESS: Access = Access::read("iam:GetGroupPolicy");
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
        _: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys().get(key)
    }

    async fn execute(
        _: &Iam,
        _: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        Ok(Reply::new(types::GetGroupPolicyResponse {
            group_name: target.get()?.name.clone(),
            policy_name: input.policy_name.clone(),
            policy_document: attachments::inline(&target.get()?.record, &input.policy_name)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.call("CreateGroup", json!({"GroupName": "Bob", "Path": "/a/"})).await;
        let document =
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        let put = json!({"GroupName": "Bob", "PolicyName": "P", "PolicyDocument": document});
        world.call("PutGroupPolicy", put).await;
        let input = json!({"GroupName": "Bob", "PolicyName": "P"});
        let found = world.call("GetGroupPolicy", input.clone()).await;
        let encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D";
        assert_eq!(found, json!({"GroupName": "Bob", "PolicyName": "P", "PolicyDocument": encoded}));
        let (action, resource) = world.demands("GetGroupPolicy", input).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:GetGroupPolicy", "arn:aws:iam::111122223333:group/a/Bob")
        );
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_found() {
        let world = World::new();
        world.call("CreateGroup", json!({"GroupName": "Bob", "Path": "/a/"})).await;
        for (name, message) in [
            ("Bob", "The group policy with name P cannot be found."),
            ("Nobody", "The group with name Nobody cannot be found."),
        ] {
            let found = world.error("GetGroupPolicy", json!({"GroupName": name, "PolicyName": "P"})).await;
            assert_eq!(found, ("NoSuchEntityException", message.to_owned()));
        }
    }
}
