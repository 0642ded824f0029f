//! `UpdateSigningCertificate`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/UpdateSigningCertificate>
//!
//! Action `iam:UpdateSigningCertificate` on the user. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::UpdateSigningCertificate;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};

use crate::entity::Named;
use crate::records::SigningCertificate;
use crate::records::User;
use crate::service::Iam;
use crate::signing_certificates;
use crate::user_credentials;

impl Handler<Iam> for UpdateSigningCertificate {
    const ACCESS: Access = Access::write("iam:UpdateSigningCertificate");
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
    ) -> Result<Reply<Unit>, ApiError> {
        let old = signing_certificates::get(iam, cx, target.get()?, &input.certificate_id).await?;
        let new =
            SigningCertificate { active: user_credentials::is_active(&input.status)?, ..old.record.clone() };
        Ok(Reply::with_writes(Unit, user_credentials::replace(cx, &old, &new)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::upload_signing_certificate::tests::uploaded;
    use crate::user_credentials::tests::world;

    #[tokio::test]
    async fn switches_off_and_on() {
        let (world, _, id) = uploaded().await;
        for status in ["Inactive", "Active"] {
            let input = json!({"UserName": "ann", "CertificateId": id, "Status": status});
            world.call("UpdateSigningCertificate", input).await;
            let listed = world.call("ListSigningCertificates", json!({"UserName": "ann"})).await;
            assert_eq!(listed["Certificates"][0]["Status"], status);
        }
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = world(&["ann"]).await;
        let demanded = world
            .demands(
                "UpdateSigningCertificate",
                json!({"UserName": "ann", "CertificateId": "X", "Status": "Active"}),
            )
            .await;
        assert_eq!(
            demanded,
            ("iam:UpdateSigningCertificate".to_owned(), "arn:aws:iam::111122223333:user/team/ann".to_owned())
        );
    }

    #[tokio::test]
    async fn refuses() {
        let (world, _, id) = uploaded().await;
        for (user, status, error) in [
            ("ben", "Active", "NoSuchEntityException"),
            ("nobody", "Active", "NoSuchEntityException"),
            ("ann", "Expired", "InvalidInputException"),
        ] {
            let input = json!({"UserName": user, "CertificateId": id, "Status": status});
            assert_eq!(world.error("UpdateSigningCertificate", input).await.0, error, "{user} {status}");
        }
    }
}
