//! `DeleteOpenIDConnectProvider`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/DeleteOpenIDConnectProvider>
//!
//! Action `iam:DeleteOpenIDConnectProvider` on the provider. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::DeleteOpenIDConnectProvider;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::entity::Named;
use crate::providers;
use crate::records::OpenIdProvider;
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for DeleteOpenIDConnectProvider {
    const ACCESS: Access = Access::write("iam:DeleteOpenIDConnectProvider");
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
        _: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Unit>, ApiError> {
        // As AWS says, deleting a provider that does not exist is no error.
        let mut writes = WriteSet::new();
        if let Ok(provider) = target.get() {
            repo::delete(&mut writes, cx.account(), provider);
        }
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::create_open_id_connect_provider::tests::{ARN, provider};

    #[tokio::test]
    async fn deletes_once_or_twice() {
        let world = provider().await;
        for _ in 0..2 {
            world.call("DeleteOpenIDConnectProvider", json!({"OpenIDConnectProviderArn": ARN})).await;
            let listed = world.call("ListOpenIDConnectProviders", json!({})).await;
            assert_eq!(listed["OpenIDConnectProviderList"], json!([]));
        }
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = provider().await;
        let demanded =
            world.demands("DeleteOpenIDConnectProvider", json!({"OpenIDConnectProviderArn": ARN})).await;
        assert_eq!(demanded, ("iam:DeleteOpenIDConnectProvider".to_owned(), ARN.to_owned()));
    }

    #[tokio::test]
    async fn refuses_other_arns() {
        let world = provider().await;
        for (arn, error) in [
            ("arn:aws:iam::444455556666:oidc-provider/idp.example.com", "NoSuchEntityException"),
            ("arn:aws:iam::111122223333:role/idp.example.com", "InvalidInputException"),
        ] {
            let refused =
                world.error("DeleteOpenIDConnectProvider", json!({"OpenIDConnectProviderArn": arn})).await;
            assert_eq!(refused.0, error, "{arn}");
        }
    }
}
