//! `UploadSigningCertificate`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/UploadSigningCertificate>
//!
//! Action `iam:UploadSigningCertificate` on the user. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::UploadSigningCertificate;
use garrison_api_iam::types::UploadSigningCertificateResponse;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::quota;
use crate::records::User;
use crate::records::{SigningCertificate, Time};
use crate::service::Iam;
use crate::signing_certificates;
use crate::user_credentials;

impl Handler<Iam> for UploadSigningCertificate {
    const ACCESS: Access = Access::write("iam:UploadSigningCertificate");
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
        let user = target.get()?;
        let id = signing_certificates::id(&input.certificate_body, iam.kernel().clock().protocol_now())?;
        if let Some(known) = iam.repo().get::<SigningCertificate>(cx.account(), &id).await? {
            return Err(signing_certificates::known(known.user == user.id));
        }
        let record = SigningCertificate {
            certificate_id: id,
            user: user.id.clone(),
            body: input.certificate_body.clone(),
            active: true,
            uploaded: Time::of(cx),
        };
        let count = user_credentials::ids::<SigningCertificate>(user).count();
        let writes = user_credentials::add(cx, user, &record, quota::SIGNING_CERTIFICATES_PER_USER, count)?;
        let certificate = signing_certificates::to_api(user, &record);
        Ok(Reply::with_writes(UploadSigningCertificateResponse { certificate }, writes))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};

    use crate::signing_certificates::tests::certificate;
    use crate::testing::World;
    use crate::user_credentials::tests::world;
    use crate::x509::tests::issue;

    /// A world with two users, of whom Ann has a certificate, the certificate and its id.
    pub(crate) async fn uploaded() -> (World, String, Value) {
        let (world, body) = (world(&["ann", "ben"]).await, certificate());
        let input = json!({"UserName": "ann", "CertificateBody": body});
        let output = world.call("UploadSigningCertificate", input).await;
        let id = output["Certificate"]["CertificateId"].clone();
        (world, body, id)
    }

    #[tokio::test]
    async fn answers() {
        let (world, body) = (world(&["ann"]).await, certificate());
        let input = json!({"UserName": "ann", "CertificateBody": body});
        let output = world.call("UploadSigningCertificate", input).await;
        let shown = &output["Certificate"];
        assert_eq!((&shown["UserName"], &shown["Status"]), (&json!("ann"), &json!("Active")));
        assert_eq!(shown["CertificateBody"], json!(body));
        assert_eq!(shown["CertificateId"].as_str().unwrap().len(), 32);
        assert_eq!(shown["UploadDate"], 1_800_000_000.0);
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = world(&["ann"]).await;
        let demanded = world
            .demands("UploadSigningCertificate", json!({"UserName": "ann", "CertificateBody": "x"}))
            .await;
        assert_eq!(
            demanded,
            ("iam:UploadSigningCertificate".to_owned(), "arn:aws:iam::111122223333:user/team/ann".to_owned())
        );
    }

    #[tokio::test]
    async fn refuses() {
        let (world, body, _) = uploaded().await;
        let elliptic = issue("a.example").certificate;
        for (user, body, error) in [
            ("ann", &body, "EntityAlreadyExistsException"),
            ("ben", &body, "DuplicateCertificateException"),
            ("nobody", &body, "NoSuchEntityException"),
            ("ann", &"x".to_owned(), "MalformedCertificateException"),
            ("ann", &elliptic, "InvalidCertificateException"),
        ] {
            let input = json!({"UserName": user, "CertificateBody": body});
            assert_eq!(world.error("UploadSigningCertificate", input).await.0, error, "{user}");
        }
        world
            .call("UploadSigningCertificate", json!({"UserName": "ann", "CertificateBody": certificate()}))
            .await;
        let third = json!({"UserName": "ann", "CertificateBody": certificate()});
        let message = "Cannot exceed quota for CertificatesPerUser: 2".to_owned();
        assert_eq!(world.error("UploadSigningCertificate", third).await, ("LimitExceededException", message));
    }
}
