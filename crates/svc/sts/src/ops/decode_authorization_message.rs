//! `DecodeAuthorizationMessage`: the details of a denial, from the encoded message that came with it.
//!
//! <https://docs.aws.amazon.com/goto/WebAPI/sts-2011-06-15/DecodeAuthorizationMessage>. Permission:
//! `sts:DecodeAuthorizationMessage`. A message is decoded in the account whose caller was denied.

use garrison_api_sts::errors::invalid_authorization_message_exception;
use garrison_api_sts::operations::DecodeAuthorizationMessage;
use garrison_api_sts::types::{DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, authorization_message};
use garrison_schema::ApiError;

use crate::service::Sts;

impl Handler<Sts> for DecodeAuthorizationMessage {
    const ACCESS: Access = Access::read("sts:DecodeAuthorizationMessage");
    type Target = ();

    async fn resolve(
        _: &Sts,
        _: &Context,
        _: &DecodeAuthorizationMessageRequest,
    ) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        sts: &Sts,
        cx: &Context,
        input: &DecodeAuthorizationMessageRequest,
        (): &(),
    ) -> Result<Reply<DecodeAuthorizationMessageResponse>, ApiError> {
        let sealer = sts.kernel().sealer();
        let message = authorization_message::decode(sealer, cx.account(), &input.encoded_message);
        let invalid = || invalid_authorization_message_exception("Message is not valid");
        Ok(Reply::new(DecodeAuthorizationMessageResponse {
            decoded_message: Some(message.ok_or_else(invalid)?),
        }))
    }
}

#[cfg(test)]
mod tests {
    use garrison_kernel::authorization_message::encode;
    use serde_json::json;

    use crate::testing::{World, name_and_message};

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let kernel = &world.test.kernel;
        let cx = world.root();
        let message = r#"{"allowed":false}"#;
        let encoded = encode(kernel.sealer(), kernel.rng(), cx.account(), message).unwrap().unwrap();
        let input = json!({ "EncodedMessage": encoded });
        let output = world.call("DecodeAuthorizationMessage", &cx, input.clone()).await.unwrap();
        assert_eq!(output, json!({ "DecodedMessage": message }));
        let demanded =
            world.demands("DecodeAuthorizationMessage", &world.user("nobody"), input.clone()).await;
        assert_eq!(demanded, ("sts:DecodeAuthorizationMessage".to_owned(), "*".to_owned()));
        let elsewhere = world.test.context("444455556666", "us-east-1");
        for (cx, input) in [(elsewhere, input), (cx, json!({ "EncodedMessage": "AAAA" }))] {
            let refused = world.call("DecodeAuthorizationMessage", &cx, input).await;
            assert_eq!(name_and_message(refused).0, "InvalidAuthorizationMessageException");
        }
    }
}
