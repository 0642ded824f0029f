//! `ListOpenIDConnectProviderTags`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/ListOpenIDConnectProviderTags>
//!
//! Action `iam:ListOpenIDConnectProviderTags` on the entity. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::ListOpenIDConnectProviderTags;
use garrison_api_iam::types::ListOpenIDConnectProviderTagsResponse;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::paging::Paging;
use crate::providers;
use crate::records::OpenIdProvider;
use crate::service::Iam;

impl Handler<Iam> for ListOpenIDConnectProviderTags {
    const ACCESS: Access = Access::read("iam:ListOpenIDConnectProviderTags");
    type Target = Named<OpenIdProvider>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let entity = providers::named::<OpenIdProvider>(iam, cx, &input.open_id_connect_provider_arn).await?;
        let check = entity.check();
        Ok(Resolved::new(entity, check))
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
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let entity = providers::existing(target)?;
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let page = paging.page_in_order(entity.tags.to_api());
        Ok(Reply::new(ListOpenIDConnectProviderTagsResponse {
            is_truncated: page.is_truncated(),
            tags: page.items,
            marker: page.marker,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::create_open_id_connect_provider::tests::provider;

    #[tokio::test]
    async fn lists_tags_by_pages() {
        let world = provider().await;
        let tags = json!([{"Key": "b", "Value": "2"}]);
        world.call("TagOpenIDConnectProvider", json!({"OpenIDConnectProviderArn": "arn:aws:iam::111122223333:oidc-provider/idp.example.com", "Tags": tags})).await;
        let first = world.call("ListOpenIDConnectProviderTags", json!({"OpenIDConnectProviderArn": "arn:aws:iam::111122223333:oidc-provider/idp.example.com", "MaxItems": 1})).await;
        assert_eq!(first["Tags"], json!([{"Key": "a", "Value": "1"}]));
        assert_eq!(first["IsTruncated"], true);
        let input = json!({"OpenIDConnectProviderArn": "arn:aws:iam::111122223333:oidc-provider/idp.example.com", "Marker": first["Marker"]});
        let second = world.call("ListOpenIDConnectProviderTags", input).await;
        assert_eq!(second["Tags"], json!([{"Key": "b", "Value": "2"}]));
        assert_eq!(second["IsTruncated"], false);
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = provider().await;
        let demanded = world.demands("ListOpenIDConnectProviderTags", json!({"OpenIDConnectProviderArn": "arn:aws:iam::111122223333:oidc-provider/idp.example.com"})).await;
        assert_eq!(
            demanded,
            (
                "iam:ListOpenIDConnectProviderTags".to_owned(),
                "arn:aws:iam::111122223333:oidc-provider/idp.example.com".to_owned()
            )
        );
    }

    #[tokio::test]
    async fn refuses_what_does_not_exist() {
        let world = provider().await;
        let refused = world.error("ListOpenIDConnectProviderTags", json!({"OpenIDConnectProviderArn": "arn:aws:iam::111122223333:oidc-provider/other.example.com"})).await;
        assert_eq!(refused.0, "NoSuchEntityException");
    }
}
