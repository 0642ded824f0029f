//! `GetServerCertificate`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/GetServerCertificate>
//!
//! Action `iam:GetServerCertificate` on the certificate. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::GetServerCertificate;
use garrison_api_iam::types::{GetServerCertificateResponse, ServerCertificate as Shown};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::records::ServerCertificate;
use crate::server_certificates;
use crate::service::Iam;

impl Handler<Iam> for GetServerCertificate {
    const ACCESS: Access = Access::read("iam:GetServerCertificate");
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
    ) -> Result<Reply<Self::Output>, ApiError> {
        let found = target.get()?;
        Ok(Reply::new(GetServerCertificateResponse {
            server_certificate: Shown {
                server_certificate_metadata: server_certificates::metadata(cx, found),
                certificate_body: found.body.clone(),
                certificate_chain: found.chain.clone(),
                tags: found.tags.to_api_if_any(),
            },
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::upload_server_certificate::tests::{ARN, certificate};

    #[tokio::test]
    async fn answers_without_the_key() {
        let world = certificate().await;
        let got = world.call("GetServerCertificate", json!({"ServerCertificateName": "web"})).await;
        let got = &got["ServerCertificate"];
        for (member, certificates) in [("CertificateBody", 1), ("CertificateChain", 2)] {
            let text = got[member].as_str().unwrap();
            assert!(text.starts_with("-----BEGIN CERTIFICATE-----"));
            assert!(text.ends_with("-----END CERTIFICATE-----"), "without the newline that it came with");
            assert_eq!(text.matches("BEGIN").count(), certificates);
        }
        assert!(!got.to_string().contains("PRIVATE"));
        let metadata = &got["ServerCertificateMetadata"];
        assert_eq!(metadata["UploadDate"], 1_800_000_000.0);
        assert!(metadata["Expiration"].as_f64().unwrap() > 1_800_000_000.0);
        assert!(metadata["ServerCertificateId"].as_str().unwrap().starts_with("ASCA"));
        assert_eq!(got["Tags"], json!([{"Key": "a", "Value": "1"}]));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = certificate()
            .await
            .demands("GetServerCertificate", json!({"ServerCertificateName": "Web"}))
            .await;
        assert_eq!(demanded, ("iam:GetServerCertificate".to_owned(), ARN.to_owned()));
    }

    #[tokio::test]
    async fn refuses_what_does_not_exist() {
        let refused = certificate()
            .await
            .error("GetServerCertificate", json!({"ServerCertificateName": "Other"}))
            .await;
        let message = "The Server Certificate with name Other cannot be found.";
        assert_eq!(refused, ("NoSuchEntityException", message.to_owned()));
    }
}
