//! `GetOpenIDConnectProvider`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/GetOpenIDConnectProvider>
//!
//! Action `iam:GetOpenIDConnectProvider` on the provider. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::GetOpenIDConnectProvider;
use garrison_api_iam::types::GetOpenIDConnectProviderResponse;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::providers;
use crate::records::OpenIdProvider;
use crate::service::Iam;

impl Handler<Iam> for GetOpenIDConnectProvider {
    const ACCESS: Access = Access::read("iam:GetOpenIDConnectProvider");
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
        _: &Context,
        _: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let provider = providers::existing(target)?;
        Ok(Reply::new(GetOpenIDConnectProviderResponse {
            url: Some(provider.url.clone()),
            client_id_list: Some(provider.client_ids.clone()),
            thumbprint_list: Some(provider.thumbprints.clone()),
            create_date: Some(provider.created.0),
            tags: provider.tags.to_api_if_any(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::create_open_id_connect_provider::tests::{ARN, provider};

    #[tokio::test]
    async fn answers() {
        let world = provider().await;
        let got = world.call("GetOpenIDConnectProvider", json!({"OpenIDConnectProviderArn": ARN})).await;
        assert_eq!(got["Url"], "idp.example.com");
        assert_eq!(got["CreateDate"], 1_800_000_000.0);
        assert_eq!(got["Tags"], json!([{"Key": "a", "Value": "1"}]));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = provider().await;
        let demanded =
            world.demands("GetOpenIDConnectProvider", json!({"OpenIDConnectProviderArn": ARN})).await;
        assert_eq!(demanded, ("iam:GetOpenIDConnectProvider".to_owned(), ARN.to_owned()));
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
            let refused =
                world.error("GetOpenIDConnectProvider", json!({"OpenIDConnectProviderArn": arn})).await;
            assert_eq!(refused.0, error, "{arn}");
        }
    }
}
