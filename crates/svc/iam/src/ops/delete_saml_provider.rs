//! `DeleteSAMLProvider`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/DeleteSAMLProvider>
//!
//! Action `iam:DeleteSAMLProvider` on the provider. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::DeleteSAMLProvider;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::entity::Named;
use crate::records::SamlProvider;
use crate::service::Iam;
use crate::{providers, repo};

impl Handler<Iam> for DeleteSAMLProvider {
    const ACCESS: Access = Access::write("iam:DeleteSAMLProvider");
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
        cx: &Context,
        _: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Unit>, ApiError> {
        let mut writes = WriteSet::new();
        repo::delete(&mut writes, cx.account(), providers::existing(target)?);
        // Its private keys go with it.
        writes.erase = true;
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::create_saml_provider::tests::{ARN, provider};

    #[tokio::test]
    async fn deletes() {
        let world = provider().await;
        world.call("DeleteSAMLProvider", json!({"SAMLProviderArn": ARN})).await;
        assert_eq!(world.call("ListSAMLProviders", json!({})).await["SAMLProviderList"], json!([]));
        let refused = world.error("DeleteSAMLProvider", json!({"SAMLProviderArn": ARN})).await;
        assert_eq!(refused, ("NoSuchEntityException", format!("Manifest not found for arn {ARN}")));
        let refused = world
            .error("DeleteSAMLProvider", json!({"SAMLProviderArn": "arn:aws:iam::x:saml-provider/a"}))
            .await;
        assert_eq!(refused.0, "InvalidInputException");
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = provider().await.demands("DeleteSAMLProvider", json!({"SAMLProviderArn": ARN})).await;
        assert_eq!(demanded, ("iam:DeleteSAMLProvider".to_owned(), ARN.to_owned()));
    }
}
