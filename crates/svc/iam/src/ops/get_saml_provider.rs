//! `GetSAMLProvider`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/GetSAMLProvider>
//!
//! Action `iam:GetSAMLProvider` on the provider. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::GetSAMLProvider;
use garrison_api_iam::types::{AssertionEncryptionModeType, GetSAMLProviderResponse, SAMLPrivateKey};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::providers;
use crate::records::{SamlKey, SamlProvider};
use crate::service::Iam;

impl Handler<Iam> for GetSAMLProvider {
    const ACCESS: Access = Access::read("iam:GetSAMLProvider");
    type Target = Named<SamlProvider>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let provider = providers::named(iam, cx, &input.saml_provider_arn).await?;
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
        let key =
            |key: &SamlKey| SAMLPrivateKey { key_id: Some(key.id.clone()), timestamp: Some(key.added.0) };
        Ok(Reply::new(GetSAMLProviderResponse {
            saml_provider_uuid: Some(provider.uuid.clone()),
            saml_metadata_document: Some(provider.metadata.clone()),
            create_date: Some(provider.created.0),
            valid_until: Some(provider.valid_until.0),
            tags: provider.tags.to_api_if_any(),
            assertion_encryption_mode: provider.encryption.as_deref().map(AssertionEncryptionModeType::from),
            private_key_list: (!provider.keys.is_empty()).then(|| provider.keys.iter().map(key).collect()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::create_saml_provider::tests::{ARN, provider};

    #[tokio::test]
    async fn answers() {
        let world = provider().await;
        let got = world.call("GetSAMLProvider", json!({"SAMLProviderArn": ARN})).await;
        assert!(got["SAMLMetadataDocument"].as_str().unwrap().contains("IDPSSODescriptor"));
        assert_eq!(got["CreateDate"], 1_800_000_000.0);
        assert_eq!(got["ValidUntil"], 4_955_760_000.0, "a hundred years where the metadata says nothing");
        assert_eq!(got["Tags"], json!([{"Key": "a", "Value": "1"}]));
        assert_eq!(got["SAMLProviderUUID"].as_str().unwrap().len(), 36);
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = provider().await.demands("GetSAMLProvider", json!({"SAMLProviderArn": ARN})).await;
        assert_eq!(demanded, ("iam:GetSAMLProvider".to_owned(), ARN.to_owned()));
    }

    #[tokio::test]
    async fn refuses_what_does_not_exist() {
        let world = provider().await;
        for (arn, error) in [
            ("arn:aws:iam::111122223333:saml-provider/Other", "NoSuchEntityException"),
            ("arn:aws:iam::444455556666:saml-provider/Idp", "NoSuchEntityException"),
            ("arn:aws:iam::111122223333:oidc-provider/Idp", "InvalidInputException"),
        ] {
            let refused = world.error("GetSAMLProvider", json!({"SAMLProviderArn": arn})).await;
            assert_eq!(refused.0, error, "{arn}");
        }
    }
}
