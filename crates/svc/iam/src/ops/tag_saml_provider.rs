//! `TagSAMLProvider`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/TagSAMLProvider>
//!
//! Action `iam:TagSAMLProvider` on the entity. Condition keys `aws:RequestTag/…`, `aws:TagKeys`, `aws:ResourceTag/…`.

use garrison_api_iam::operations::TagSAMLProvider;
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

/// The entity, and the keys of the tags that it shall get.
pub struct Tagged {
    entity: Named<SamlProvider>,
    keys: Vec<String>,
}

impl Handler<Iam> for TagSAMLProvider {
    const ACCESS: Access = Access::write("iam:TagSAMLProvider");
    type Target = Tagged;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let entity = providers::named::<SamlProvider>(iam, cx, &input.saml_provider_arn).await?;
        let check = entity.check();
        Ok(Resolved::new(Tagged { entity, keys: tagging::keys(Some(&input.tags)) }, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { request_tags: Some(&input.tags), tag_keys: &target.keys, ..target.entity.keys() }.get(key)
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Unit>, ApiError> {
        let old = providers::existing(&target.entity)?;
        let mut new = old.record.clone();
        tagging::add(&mut new.tags, &input.tags)?;
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
    async fn adds_tags() {
        let world = provider().await;
        let tags = json!([{"Key": "b", "Value": "2"}, {"Key": "A", "Value": "3"}]);
        world
            .call(
                "TagSAMLProvider",
                json!({"SAMLProviderArn": "arn:aws:iam::111122223333:saml-provider/Idp", "Tags": tags}),
            )
            .await;
        let listed = world
            .call(
                "ListSAMLProviderTags",
                json!({"SAMLProviderArn": "arn:aws:iam::111122223333:saml-provider/Idp"}),
            )
            .await;
        assert_eq!(listed["Tags"], json!([{"Key": "A", "Value": "3"}, {"Key": "b", "Value": "2"}]));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = provider().await;
        let input = json!({"SAMLProviderArn": "arn:aws:iam::111122223333:saml-provider/Idp", "Tags": []});
        let demanded = world.demands("TagSAMLProvider", input).await;
        assert_eq!(
            demanded,
            ("iam:TagSAMLProvider".to_owned(), "arn:aws:iam::111122223333:saml-provider/Idp".to_owned())
        );
    }

    #[tokio::test]
    async fn refuses() {
        let world = provider().await;
        let many: Vec<_> = (0..50).map(|i| json!({"Key": format!("k{i}"), "Value": ""})).collect();
        for (name, tags, error) in [
            ("arn:aws:iam::111122223333:saml-provider/Other", json!([]), "NoSuchEntityException"),
            (
                "arn:aws:iam::111122223333:saml-provider/Idp",
                json!([{"Key": "aws:a", "Value": ""}]),
                "InvalidInputException",
            ),
            ("arn:aws:iam::111122223333:saml-provider/Idp", json!(many), "LimitExceededException"),
        ] {
            let refused =
                world.error("TagSAMLProvider", json!({"SAMLProviderArn": name, "Tags": tags})).await;
            assert_eq!(refused.0, error, "{name}");
        }
    }
}
