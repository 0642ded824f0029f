//! `GetContextKeysForPrincipalPolicy`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/GetContextKeysForPrincipalPolicy>
//!
//! Action `iam:GetContextKeysForPrincipalPolicy` on the user, group or role. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::GetContextKeysForPrincipalPolicy;
use garrison_api_iam::types::GetContextKeysForPolicyResponse;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::principal_source::Source;
use crate::service::Iam;
use crate::simulation;

impl Handler<Iam> for GetContextKeysForPrincipalPolicy {
    const ACCESS: Access = Access::read("iam:GetContextKeysForPrincipalPolicy");
    type Target = Source;

    async fn resolve(iam: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Source>, ApiError> {
        let source = Source::find(iam, cx, &input.policy_source_arn).await?;
        let check = source.check();
        Ok(Resolved::new(source, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a Source,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys().get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Source,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let held = target.policies(iam, cx).await?;
        let texts = input.policy_input_list.as_deref().unwrap_or_default();
        let keys = simulation::context_keys(texts, &held.policies)?;
        Ok(Reply::new(GetContextKeysForPolicyResponse { context_key_names: Some(keys) }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    const ROLE: &str = "arn:aws:iam::111122223333:role/App";

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.role("App").await;
        let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":true}}}}"#;
        let put = json!({"RoleName": "App", "PolicyName": "p", "PolicyDocument": document});
        world.call("PutRolePolicy", put).await;
        let more = document.replace("aws:SecureTransport", "aws:ViaAWSService");
        let input = json!({"PolicySourceArn": ROLE, "PolicyInputList": [more]});
        let output = world.call("GetContextKeysForPrincipalPolicy", input).await;
        assert_eq!(output["ContextKeyNames"], json!(["aws:SecureTransport", "aws:ViaAWSService"]));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded =
            World::new().demands("GetContextKeysForPrincipalPolicy", json!({"PolicySourceArn": ROLE})).await;
        assert_eq!(demanded, ("iam:GetContextKeysForPrincipalPolicy".to_owned(), ROLE.to_owned()));
    }

    #[tokio::test]
    async fn refuses() {
        let world = World::new();
        world.role("App").await;
        for (arn, error) in [
            ("arn:aws:iam::111122223333:role/Other", "NoSuchEntityException"),
            ("arn:aws:iam::111122223333:role/path/App", "NoSuchEntityException"),
            ("arn:aws:iam::444455556666:role/App", "NoSuchEntityException"),
            ("arn:aws:iam::111122223333:policy/App", "InvalidInputException"),
            ("arn:aws:s3:::bucket/key/name", "InvalidInputException"),
        ] {
            let refused =
                world.error("GetContextKeysForPrincipalPolicy", json!({"PolicySourceArn": arn})).await;
            assert_eq!(refused.0, error, "{arn}");
        }
    }
}
