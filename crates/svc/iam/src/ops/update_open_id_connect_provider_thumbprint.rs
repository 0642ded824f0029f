//! `UpdateOpenIDConnectProviderThumbprint`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/UpdateOpenIDConnectProviderThumbprint>
//!
//! Action `iam:UpdateOpenIDConnectProviderThumbprint` on the provider. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::UpdateOpenIDConnectProviderThumbprint;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::entity::Named;
use crate::open_id::thumbprints;
use crate::providers;
use crate::records::OpenIdProvider;
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for UpdateOpenIDConnectProviderThumbprint {
    const ACCESS: Access = Access::write("iam:UpdateOpenIDConnectProviderThumbprint");
    type Target = Named<OpenIdProvider>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let provider = providers::named(iam, cx, &input.open_id_connect_provider_arn).await?;
        let check = provider.check();
        Ok(Resolved::new(provider, check))
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
    ) -> Result<Reply<Unit>, ApiError> {
        let old = providers::existing(target)?;
        let mut new = old.record.clone();
        new.thumbprints = thumbprints(&input.thumbprint_list)?;
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), old, &new);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::create_open_id_connect_provider::tests::{ARN, provider};

    #[tokio::test]
    async fn replaces_the_list() {
        let world = provider().await;
        let print = "a".repeat(40);
        let input = json!({"OpenIDConnectProviderArn": ARN, "ThumbprintList": [print]});
        world.call("UpdateOpenIDConnectProviderThumbprint", input).await;
        let got = world.call("GetOpenIDConnectProvider", json!({"OpenIDConnectProviderArn": ARN})).await;
        assert_eq!(got["ThumbprintList"], json!([print]));
        let input = json!({"OpenIDConnectProviderArn": ARN, "ThumbprintList": [print, print, print, print, print, print]});
        let refused = world.error("UpdateOpenIDConnectProviderThumbprint", input).await;
        assert_eq!(
            refused,
            ("InvalidInputException", "Thumbprint list must contain fewer than 5 entries.".to_owned())
        );
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = provider().await;
        let demanded = world
            .demands(
                "UpdateOpenIDConnectProviderThumbprint",
                json!({"OpenIDConnectProviderArn": ARN, "ThumbprintList": []}),
            )
            .await;
        assert_eq!(demanded, ("iam:UpdateOpenIDConnectProviderThumbprint".to_owned(), ARN.to_owned()));
    }

    #[tokio::test]
    async fn refuses_what_does_not_exist() {
        let world = provider().await;
        for (arn, error) in [
            ("arn:aws:iam::111122223333:oidc-provider/other.example.com", "NoSuchEntityException"),
            ("arn:aws:iam::444455556666:oidc-provider/idp.example.com", "NoSuchEntityException"),
            ("arn:aws:iam::111122223333:saml-provider/idp.example.com", "InvalidInputException"),
            ("arn:aws:iam::111122223333:oidc-provider/", "InvalidInputException"),
        ] {
            let refused = world
                .error(
                    "UpdateOpenIDConnectProviderThumbprint",
                    json!({"OpenIDConnectProviderArn": arn, "ThumbprintList": []}),
                )
                .await;
            assert_eq!(refused.0, error, "{arn}");
        }
    }
}
