//! `ListOpenIDConnectProviders`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/ListOpenIDConnectProviders>
//!
//! Action `iam:ListOpenIDConnectProviders` on `*`.

use garrison_api_iam::operations::ListOpenIDConnectProviders;
use garrison_api_iam::types::{ListOpenIDConnectProvidersResponse, OpenIDConnectProviderListEntry};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::records::OpenIdProvider;
use crate::service::Iam;

impl Handler<Iam> for ListOpenIDConnectProviders {
    const ACCESS: Access = Access::read("iam:ListOpenIDConnectProviders");
    type Target = ();

    async fn resolve(_: &Iam, _: &Context, _: &Self::Input) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        _: &Self::Input,
        (): &(),
    ) -> Result<Reply<Self::Output>, ApiError> {
        let providers = iam.repo().all::<OpenIdProvider>(cx.account()).await?;
        let entry = |provider: &OpenIdProvider| OpenIDConnectProviderListEntry {
            arn: Some(provider.arn(cx.partition(), cx.account())),
        };
        Ok(Reply::new(ListOpenIDConnectProvidersResponse {
            open_id_connect_provider_list: Some(providers.iter().map(|found| entry(found)).collect()),
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
        let listed = world.call("ListOpenIDConnectProviders", json!({})).await;
        assert_eq!(listed["OpenIDConnectProviderList"], json!([{"Arn": ARN}]));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = provider().await.demands("ListOpenIDConnectProviders", json!({})).await;
        assert_eq!(demanded, ("iam:ListOpenIDConnectProviders".to_owned(), "*".to_owned()));
    }
}
