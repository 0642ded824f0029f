//! `GetContextKeysForCustomPolicy`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/GetContextKeysForCustomPolicy>
//!
//! Action `iam:GetContextKeysForCustomPolicy` on `*`.

use garrison_api_iam::operations::GetContextKeysForCustomPolicy;
use garrison_api_iam::types::GetContextKeysForPolicyResponse;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::service::Iam;
use crate::simulation;

impl Handler<Iam> for GetContextKeysForCustomPolicy {
    const ACCESS: Access = Access::read("iam:GetContextKeysForCustomPolicy");
    type Target = ();

    async fn resolve(_: &Iam, _: &Context, _: &Self::Input) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        _: &Iam,
        _: &Context,
        input: &Self::Input,
        (): &(),
    ) -> Result<Reply<Self::Output>, ApiError> {
        let keys = simulation::context_keys(&input.policy_input_list, &[])?;
        Ok(Reply::new(GetContextKeysForPolicyResponse { context_key_names: Some(keys) }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let one = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}}"#;
        let key = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"x","AWS:SourceIP":"y"}}}}"#;
        let output =
            world.call("GetContextKeysForCustomPolicy", json!({"PolicyInputList": [one, key]})).await;
        assert_eq!(output["ContextKeyNames"], json!(["aws:username", "aws:SourceIp", "kms:ViaService"]));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded =
            World::new().demands("GetContextKeysForCustomPolicy", json!({"PolicyInputList": []})).await;
        assert_eq!(demanded, ("iam:GetContextKeysForCustomPolicy".to_owned(), "*".to_owned()));
    }

    #[tokio::test]
    async fn refuses_what_is_no_policy() {
        let refused =
            World::new().error("GetContextKeysForCustomPolicy", json!({"PolicyInputList": ["{}"]})).await;
        assert_eq!(refused.0, "InvalidInputException");
    }
}
