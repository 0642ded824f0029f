//! `ResetServiceSpecificCredential`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/ResetServiceSpecificCredential>
//!
//! Action `iam:ResetServiceSpecificCredential` on the user. Condition keys
//! `iam:ServiceSpecificCredentialServiceName`, `aws:ResourceTag/…`.

use garrison_api_iam::operations::ResetServiceSpecificCredential;
use garrison_api_iam::types::ResetServiceSpecificCredentialResponse;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::service::Iam;
use crate::service_credentials::{self, NamedCredential};
use crate::user_credentials;

impl Handler<Iam> for ResetServiceSpecificCredential {
    const ACCESS: Access = Access::write("iam:ResetServiceSpecificCredential");
    type Target = NamedCredential;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let (user, id) = (input.user_name.as_deref(), &input.service_specific_credential_id);
        let credential = NamedCredential::find(iam, cx, user, id).await?;
        let check = credential.user.check();
        Ok(Resolved::new(credential, check))
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
        _: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let old = target.get()?;
        let (new, secret) = service_credentials::reset(iam, cx, old)?;
        let writes = user_credentials::replace(cx, old, &new);
        let shown = service_credentials::with_secret(target.user.get()?, &new, secret);
        let output = ResetServiceSpecificCredentialResponse { service_specific_credential: Some(shown) };
        Ok(Reply::with_writes(output, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::create_service_specific_credential::tests::credential;
    use crate::records::ServiceCredential;
    use crate::service_credentials::secret_sha256;
    use crate::user_credentials::tests::world;

    #[tokio::test]
    async fn gives_a_new_password() {
        let (world, id) = credential().await;
        let input = json!({"UserName": "ann", "ServiceSpecificCredentialId": id});
        let output = world.call("ResetServiceSpecificCredential", input).await;
        let shown = &output["ServiceSpecificCredential"];
        assert_eq!(
            (&shown["ServiceSpecificCredentialId"], &shown["ServiceUserName"]),
            (&id, &json!("ann-at-111122223333"))
        );
        let account = "111122223333".parse().unwrap();
        let record =
            world.iam.repo().get::<ServiceCredential>(account, id.as_str().unwrap()).await.unwrap().unwrap();
        assert_eq!(record.secret_sha256, secret_sha256(shown["ServicePassword"].as_str().unwrap()));
    }

    #[tokio::test]
    async fn refuses() {
        let (world, id) = credential().await;
        for user in ["ben", "nobody"] {
            let input = json!({"UserName": user, "ServiceSpecificCredentialId": id});
            let refused = world.error("ResetServiceSpecificCredential", input).await;
            assert_eq!(refused.0, "NoSuchEntityException", "{user}");
        }
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = world(&["ann"]).await;
        let demanded = world
            .demands(
                "ResetServiceSpecificCredential",
                json!({"UserName": "ann", "ServiceSpecificCredentialId": "X"}),
            )
            .await;
        assert_eq!(
            demanded,
            (
                "iam:ResetServiceSpecificCredential".to_owned(),
                "arn:aws:iam::111122223333:user/team/ann".to_owned()
            )
        );
    }
}
