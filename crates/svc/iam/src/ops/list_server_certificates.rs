//! `ListServerCertificates`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/ListServerCertificates>
//!
//! Action `iam:ListServerCertificates` on `*`.

use garrison_api_iam::operations::ListServerCertificates;
use garrison_api_iam::types::ListServerCertificatesResponse;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::paging::{Paging, has_prefix};
use crate::records::ServerCertificate;
use crate::server_certificates;
use crate::service::Iam;

impl Handler<Iam> for ListServerCertificates {
    const ACCESS: Access = Access::read("iam:ListServerCertificates");
    type Target = ();

    async fn resolve(_: &Iam, _: &Context, _: &Self::Input) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        (): &(),
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let keep = |found: &ServerCertificate| has_prefix(&found.path, input.path_prefix.as_deref());
        let page = iam.repo().list(cx.account(), &paging, keep).await?;
        Ok(Reply::new(ListServerCertificatesResponse {
            is_truncated: page.is_truncated(),
            server_certificate_metadata_list: page
                .items
                .iter()
                .map(|found| server_certificates::metadata(cx, found))
                .collect(),
            marker: page.marker,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::upload_server_certificate::tests::{certificate, input};
    use crate::x509::tests::issue;

    #[tokio::test]
    async fn answers_by_pages_and_paths() {
        let world = certificate().await;
        let mut other = input("Api", &issue("a.example"));
        other["Path"] = json!("/x/");
        world.call("UploadServerCertificate", other).await;
        let first = world.call("ListServerCertificates", json!({"MaxItems": 1})).await;
        assert_eq!(first["ServerCertificateMetadataList"][0]["ServerCertificateName"], "Api");
        assert_eq!(first["IsTruncated"], true);
        let second = world.call("ListServerCertificates", json!({"Marker": first["Marker"]})).await;
        assert_eq!(second["ServerCertificateMetadataList"][0]["ServerCertificateName"], "Web");
        assert_eq!(second["IsTruncated"], false);
        let under = world.call("ListServerCertificates", json!({"PathPrefix": "/cloudfront/"})).await;
        let names: Vec<_> = under["ServerCertificateMetadataList"].as_array().unwrap().iter().collect();
        assert_eq!(names.len(), 1);
        assert_eq!(names[0]["ServerCertificateName"], "Web");
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = certificate().await.demands("ListServerCertificates", json!({})).await;
        assert_eq!(demanded, ("iam:ListServerCertificates".to_owned(), "*".to_owned()));
    }
}
