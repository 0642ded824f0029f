//! `UpdateSAMLProvider`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/UpdateSAMLProvider>
//!
//! Action `iam:UpdateSAMLProvider` on the provider. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::errors as api;
use garrison_api_iam::operations::UpdateSAMLProvider;
use garrison_api_iam::types::UpdateSAMLProviderResponse;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::entity::Named;
use crate::records::SamlProvider;
use crate::service::Iam;
use crate::{providers, repo, saml};

impl Handler<Iam> for UpdateSAMLProvider {
    const ACCESS: Access = Access::write("iam:UpdateSAMLProvider");
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
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let old = providers::existing(target)?;
        let (add, remove) = (input.add_private_key.as_deref(), input.remove_private_key.as_deref());
        if add.is_some() && remove.is_some() {
            return Err(api::invalid_input_exception(
                "Unable to add and remove private keys in the same request. Set a value for only one of the two parameters.",
            ));
        }
        if input.saml_metadata_document.is_none()
            && input.assertion_encryption_mode.is_none()
            && add.or(remove).is_none()
        {
            return Err(api::invalid_input_exception(
                "Unable to update identity provider. No updates are defined for metadata or encryption assertion.",
            ));
        }
        let mut new = old.record.clone();
        if let Some(document) = &input.saml_metadata_document {
            new.valid_until = saml::valid_until(document, cx.time)?;
            new.metadata.clone_from(document);
        }
        if let Some(id) = remove {
            let Some(at) = new.keys.iter().position(|key| key.id == *id) else {
                return Err(api::invalid_input_exception(
                    "Failed to remove private key because the Key ID does not match a private key.",
                ));
            };
            new.keys.remove(at);
        }
        if let Some(key) = add {
            saml::add_key(iam, cx, &mut new, key)?;
        }
        saml::set_encryption(&mut new, input.assertion_encryption_mode.as_ref())?;
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), old, &new);
        writes.erase = remove.is_some();
        let output = UpdateSAMLProviderResponse { saml_provider_arn: Some(target.arn().to_owned()) };
        Ok(Reply::with_writes(output, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::ops::create_saml_provider::tests::{ARN, provider};
    use crate::saml::tests::{document, rsa_key};
    use crate::testing::World;

    async fn update(world: &World, member: &str, value: Value) {
        let input = json!({"SAMLProviderArn": ARN, member: value});
        assert_eq!(world.call("UpdateSAMLProvider", input).await, json!({"SAMLProviderArn": ARN}));
    }

    async fn refused(world: &World, member: &str, value: Value) -> &'static str {
        world.error("UpdateSAMLProvider", json!({"SAMLProviderArn": ARN, member: value})).await.0
    }

    #[tokio::test]
    async fn changes_what_is_given() {
        let world = provider().await;
        let get = json!({"SAMLProviderArn": ARN});
        let new = document("https://new.example.com/", "");
        update(&world, "SAMLMetadataDocument", json!(new)).await;
        assert_eq!(world.call("GetSAMLProvider", get.clone()).await["SAMLMetadataDocument"], json!(new));
        update(&world, "AddPrivateKey", json!(rsa_key())).await;
        update(&world, "AddPrivateKey", json!(rsa_key())).await;
        update(&world, "AssertionEncryptionMode", json!("Required")).await;
        let got = world.call("GetSAMLProvider", get.clone()).await;
        assert_eq!(got["AssertionEncryptionMode"], "Required");
        assert_eq!(refused(&world, "AddPrivateKey", json!(rsa_key())).await, "LimitExceededException");
        let ids: Vec<_> =
            got["PrivateKeyList"].as_array().unwrap().iter().map(|key| key["KeyId"].clone()).collect();
        update(&world, "RemovePrivateKey", ids[0].clone()).await;
        let last = refused(&world, "RemovePrivateKey", ids[1].clone()).await;
        assert_eq!(last, "InvalidInputException", "encryption is required, so there must be a key");
        update(&world, "AssertionEncryptionMode", json!("Allowed")).await;
        update(&world, "RemovePrivateKey", ids[1].clone()).await;
        assert!(world.call("GetSAMLProvider", get).await.get("PrivateKeyList").is_none());
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = provider().await.demands("UpdateSAMLProvider", json!({"SAMLProviderArn": ARN})).await;
        assert_eq!(demanded, ("iam:UpdateSAMLProvider".to_owned(), ARN.to_owned()));
    }

    #[tokio::test]
    async fn refuses() {
        let world = provider().await;
        assert_eq!(refused(&world, "SAMLMetadataDocument", json!("x")).await, "InvalidInputException");
        assert_eq!(refused(&world, "RemovePrivateKey", json!("ABC")).await, "InvalidInputException");
        let nothing = world.error("UpdateSAMLProvider", json!({"SAMLProviderArn": ARN})).await;
        assert_eq!(nothing.0, "InvalidInputException");
        assert!(nothing.1.starts_with("Unable to update identity provider."), "{}", nothing.1);
        let both =
            json!({"SAMLProviderArn": ARN, "AddPrivateKey": rsa_key(), "RemovePrivateKey": "A".repeat(26)});
        let both = world.error("UpdateSAMLProvider", both).await;
        assert_eq!(both.0, "InvalidInputException");
        assert!(both.1.starts_with("Unable to add and remove private keys"), "{}", both.1);
        let absent = json!({"SAMLProviderArn": "arn:aws:iam::111122223333:saml-provider/Other"});
        assert_eq!(world.error("UpdateSAMLProvider", absent).await.0, "NoSuchEntityException");
    }
}
