//! `ListSigningCertificates`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/ListSigningCertificates>
//!
//! Action `iam:ListSigningCertificates` on the user. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::ListSigningCertificates;
use garrison_api_iam::types::ListSigningCertificatesResponse;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::paging::Paging;
use crate::records::SigningCertificate;
use crate::records::User;
use crate::service::Iam;
use crate::signing_certificates;
use crate::user_credentials;

impl Handler<Iam> for ListSigningCertificates {
    const ACCESS: Access = Access::read("iam:ListSigningCertificates");
    type Target = Named<User>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let user = user_credentials::user(iam, cx, input.user_name.as_deref()).await?;
        let check = user.check();
        Ok(Resolved::new(user, check))
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
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let user = target.get()?;
        let page = paging.page_in_order(user_credentials::all::<SigningCertificate>(iam, cx, user).await?);
        Ok(Reply::new(ListSigningCertificatesResponse {
            is_truncated: page.is_truncated(),
            certificates: page.items.iter().map(|found| signing_certificates::to_api(user, found)).collect(),
            marker: page.marker,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::upload_signing_certificate::tests::uploaded;
    use crate::signing_certificates::tests::certificate;
    use crate::user_credentials::tests::world;

    #[tokio::test]
    async fn answers_by_pages() {
        let (world, body, id) = uploaded().await;
        world
            .call("UploadSigningCertificate", json!({"UserName": "ann", "CertificateBody": certificate()}))
            .await;
        let first = world.call("ListSigningCertificates", json!({"UserName": "ann", "MaxItems": 1})).await;
        assert_eq!(first["Certificates"][0]["CertificateId"], id);
        assert_eq!(first["Certificates"][0]["CertificateBody"], json!(body));
        assert_eq!(first["IsTruncated"], true);
        let input = json!({"UserName": "ann", "Marker": first["Marker"]});
        let second = world.call("ListSigningCertificates", input).await;
        assert_eq!(second["Certificates"].as_array().unwrap().len(), 1);
        assert_eq!(
            world.error("ListSigningCertificates", json!({"UserName": "x"})).await.0,
            "NoSuchEntityException"
        );
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = world(&["ann"]).await;
        let demanded = world.demands("ListSigningCertificates", json!({"UserName": "ann"})).await;
        assert_eq!(
            demanded,
            ("iam:ListSigningCertificates".to_owned(), "arn:aws:iam::111122223333:user/team/ann".to_owned())
        );
    }
}
