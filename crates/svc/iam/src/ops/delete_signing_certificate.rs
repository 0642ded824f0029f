//! `DeleteSigningCertificate`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/DeleteSigningCertificate>
//!
//! Action `iam:DeleteSigningCertificate` on the user. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::DeleteSigningCertificate;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};

use crate::entity::Named;
use crate::records::User;
use crate::service::Iam;
use crate::signing_certificates;
use crate::user_credentials;

impl Handler<Iam> for DeleteSigningCertificate {
    const ACCESS: Access = Access::write("iam:DeleteSigningCertificate");
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
        let user = target.get()?;
        let found = signing_certificates::get(iam, cx, user, &input.certificate_id).await?;
        Ok(Reply::with_writes(Unit, user_credentials::remove(cx, user, &found)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::upload_signing_certificate::tests::uploaded;
    use crate::user_credentials::tests::world;

    #[tokio::test]
    async fn deletes() {
        let (world, body, id) = uploaded().await;
        let input = json!({"UserName": "ann", "CertificateId": id});
        world.call("DeleteSigningCertificate", input.clone()).await;
        let refused = world.error("DeleteSigningCertificate", input).await;
        let message = format!("The Certificate with id {} cannot be found.", id.as_str().unwrap());
        assert_eq!(refused, ("NoSuchEntityException", message));
        world.call("UploadSigningCertificate", json!({"UserName": "ben", "CertificateBody": body})).await;
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = world(&["ann"]).await;
        let demanded =
            world.demands("DeleteSigningCertificate", json!({"UserName": "ann", "CertificateId": "X"})).await;
        assert_eq!(
            demanded,
            ("iam:DeleteSigningCertificate".to_owned(), "arn:aws:iam::111122223333:user/team/ann".to_owned())
        );
    }
}
