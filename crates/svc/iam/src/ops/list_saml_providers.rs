//! `ListSAMLProviders`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/ListSAMLProviders>
//!
//! Action `iam:ListSAMLProviders` on `*`.

use garrison_api_iam::operations::ListSAMLProviders;
use garrison_api_iam::types::{ListSAMLProvidersResponse, SAMLProviderListEntry};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::records::SamlProvider;
use crate::service::Iam;

impl Handler<Iam> for ListSAMLProviders {
    const ACCESS: Access = Access::read("iam:ListSAMLProviders");
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
        let providers = iam.repo().all::<SamlProvider>(cx.account()).await?;
        let entry = |provider: &SamlProvider| SAMLProviderListEntry {
            arn: Some(provider.arn(cx.partition(), cx.account())),
            valid_until: Some(provider.valid_until.0),
            create_date: Some(provider.created.0),
        };
        Ok(Reply::new(ListSAMLProvidersResponse {
            saml_provider_list: Some(providers.iter().map(|found| entry(found)).collect()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::create_saml_provider::tests::{ARN, provider};

    #[tokio::test]
    async fn answers() {
        let listed = provider().await.call("ListSAMLProviders", json!({})).await;
        let entry = json!({"Arn": ARN, "CreateDate": 1_800_000_000.0, "ValidUntil": 4_955_760_000.0});
        assert_eq!(listed["SAMLProviderList"][0]["Arn"], entry["Arn"]);
        assert_eq!(listed["SAMLProviderList"][0]["ValidUntil"], entry["ValidUntil"]);
        assert_eq!(listed["SAMLProviderList"].as_array().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = provider().await.demands("ListSAMLProviders", json!({})).await;
        assert_eq!(demanded, ("iam:ListSAMLProviders".to_owned(), "*".to_owned()));
    }
}
