//! `ListServerCertificateTags`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/ListServerCertificateTags>
//!
//! Action `iam:ListServerCertificateTags` on the entity. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::ListServerCertificateTags;
use garrison_api_iam::types::ListServerCertificateTagsResponse;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::paging::Paging;
use crate::records::ServerCertificate;
use crate::service::Iam;

impl Handler<Iam> for ListServerCertificateTags {
    const ACCESS: Access = Access::read("iam:ListServerCertificateTags");
    type Target = Named<ServerCertificate>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let entity = Named::<ServerCertificate>::find(iam, cx, &input.server_certificate_name).await?;
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
        let entity = target.get()?;
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let page = paging.page_in_order(entity.tags.to_api());
        Ok(Reply::new(ListServerCertificateTagsResponse {
            is_truncated: page.is_truncated(),
            tags: page.items,
            marker: page.marker,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::upload_server_certificate::tests::certificate;

    #[tokio::test]
    async fn lists_tags_by_pages() {
        let world = certificate().await;
        let tags = json!([{"Key": "b", "Value": "2"}]);
        world.call("TagServerCertificate", json!({"ServerCertificateName": "Web", "Tags": tags})).await;
        let first = world
            .call("ListServerCertificateTags", json!({"ServerCertificateName": "Web", "MaxItems": 1}))
            .await;
        assert_eq!(first["Tags"], json!([{"Key": "a", "Value": "1"}]));
        assert_eq!(first["IsTruncated"], true);
        let input = json!({"ServerCertificateName": "Web", "Marker": first["Marker"]});
        let second = world.call("ListServerCertificateTags", input).await;
        assert_eq!(second["Tags"], json!([{"Key": "b", "Value": "2"}]));
        assert_eq!(second["IsTruncated"], false);
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = certificate().await;
        let demanded =
            world.demands("ListServerCertificateTags", json!({"ServerCertificateName": "Web"})).await;
        assert_eq!(
            demanded,
            (
                "iam:ListServerCertificateTags".to_owned(),
                "arn:aws:iam::111122223333:server-certificate/cloudfront/Web".to_owned()
            )
        );
    }

    #[tokio::test]
    async fn refuses_what_does_not_exist() {
        let world = certificate().await;
        let refused =
            world.error("ListServerCertificateTags", json!({"ServerCertificateName": "Other"})).await;
        assert_eq!(refused.0, "NoSuchEntityException");
    }
}
