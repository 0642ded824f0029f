//! `DeleteServerCertificate`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/DeleteServerCertificate>
//!
//! Action `iam:DeleteServerCertificate` on the certificate. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::DeleteServerCertificate;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::entity::Named;
use crate::records::ServerCertificate;
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for DeleteServerCertificate {
    const ACCESS: Access = Access::write("iam:DeleteServerCertificate");
    type Target = Named<ServerCertificate>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let certificate = Named::find(iam, cx, &input.server_certificate_name).await?;
        let check = certificate.check();
        Ok(Resolved::new(certificate, check))
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
        repo::delete(&mut writes, cx.account(), target.get()?);
        // The private key goes with it.
        writes.erase = true;
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::upload_server_certificate::tests::{ARN, certificate};

    #[tokio::test]
    async fn deletes() {
        let world = certificate().await;
        world.call("DeleteServerCertificate", json!({"ServerCertificateName": "Web"})).await;
        let listed = world.call("ListServerCertificates", json!({})).await;
        assert_eq!(listed["ServerCertificateMetadataList"], json!([]));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = certificate()
            .await
            .demands("DeleteServerCertificate", json!({"ServerCertificateName": "Web"}))
            .await;
        assert_eq!(demanded, ("iam:DeleteServerCertificate".to_owned(), ARN.to_owned()));
    }

    #[tokio::test]
    async fn refuses_what_does_not_exist() {
        let refused = certificate()
            .await
            .error("DeleteServerCertificate", json!({"ServerCertificateName": "Other"}))
            .await;
        let message = "The Server Certificate with name Other cannot be found.";
        assert_eq!(refused, ("NoSuchEntityException", message.to_owned()));
    }
}
