//! `UntagSAMLProvider`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/UntagSAMLProvider>
//!
//! Action `iam:UntagSAMLProvider` on the entity. Condition keys `aws:TagKeys`, `aws:ResourceTag/…`.

use garrison_api_iam::operations::UntagSAMLProvider;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::condition::Keys;
use crate::entity::Named;
use crate::providers;
use crate::records::SamlProvider;
use crate::service::Iam;
use crate::{repo, tagging};

impl Handler<Iam> for UntagSAMLProvider {
    const ACCESS: Access = Access::write("iam:UntagSAMLProvider");
    type Target = Named<SamlProvider>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let entity = providers::named::<SamlProvider>(iam, cx, &input.saml_provider_arn).await?;
        let check = entity.check();
        Ok(Resolved::new(entity, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { tag_keys: &input.tag_keys, ..target.keys() }.get(key)
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Unit>, ApiError> {
        let old = providers::existing(target)?;
        let mut new = old.record.clone();
        tagging::remove(&mut new.tags, &input.tag_keys)?;
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), old, &new);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::create_saml_provider::tests::provider;

    #[tokio::test]
    async fn removes_tags() {
        let world = provider().await;
        world.call("UntagSAMLProvider", json!({"SAMLProviderArn": "arn:aws:iam::111122223333:saml-provider/Idp", "TagKeys": ["A", "absent"]})).await;
        let listed = world
            .call(
                "ListSAMLProviderTags",
                json!({"SAMLProviderArn": "arn:aws:iam::111122223333:saml-provider/Idp"}),
            )
            .await;
        assert_eq!(listed["Tags"], json!([]));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = provider().await;
        let demanded = world
            .demands(
                "UntagSAMLProvider",
                json!({"SAMLProviderArn": "arn:aws:iam::111122223333:saml-provider/Idp", "TagKeys": ["a"]}),
            )
            .await;
        assert_eq!(
            demanded,
            ("iam:UntagSAMLProvider".to_owned(), "arn:aws:iam::111122223333:saml-provider/Idp".to_owned())
        );
    }

    #[tokio::test]
    async fn refuses() {
        let world = provider().await;
        for (name, key, error) in [
            ("arn:aws:iam::111122223333:saml-provider/Other", "a", "NoSuchEntityException"),
            ("arn:aws:iam::111122223333:saml-provider/Idp", "aws:a", "InvalidInputException"),
        ] {
            let refused =
                world.error("UntagSAMLProvider", json!({"SAMLProviderArn": name, "TagKeys": [key]})).await;
            assert_eq!(refused.0, error, "{name}");
        }
    }
}
