//! `UpdateServiceSpecificCredential`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/UpdateServiceSpecificCredential>
//!
//! Action `iam:UpdateServiceSpecificCredential` on the user. Condition keys
//! `iam:ServiceSpecificCredentialServiceName`, `aws:ResourceTag/…`.

use garrison_api_iam::operations::UpdateServiceSpecificCredential;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};

use crate::records::ServiceCredential;
use crate::service::Iam;
use crate::service_credentials::NamedCredential;
use crate::user_credentials;

impl Handler<Iam> for UpdateServiceSpecificCredential {
    const ACCESS: Access = Access::write("iam:UpdateServiceSpecificCredential");
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
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Unit>, ApiError> {
        let old = target.get()?;
        let new =
            ServiceCredential { active: user_credentials::is_active(&input.status)?, ..old.record.clone() };
        Ok(Reply::with_writes(Unit, user_credentials::replace(cx, old, &new)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::create_service_specific_credential::tests::credential;
    use crate::user_credentials::tests::world;

    #[tokio::test]
    async fn switches_off_and_on() {
        let (world, id) = credential().await;
        for status in ["Inactive", "Active"] {
            let input = json!({"UserName": "ann", "ServiceSpecificCredentialId": id, "Status": status});
            world.call("UpdateServiceSpecificCredential", input).await;
            let listed = world.call("ListServiceSpecificCredentials", json!({"UserName": "ann"})).await;
            assert_eq!(listed["ServiceSpecificCredentials"][0]["Status"], status);
        }
    }

    #[tokio::test]
    async fn refuses() {
        let (world, id) = credential().await;
        for user in ["ben", "nobody"] {
            let input = json!({"UserName": user, "ServiceSpecificCredentialId": id, "Status": "Active"});
            let refused = world.error("UpdateServiceSpecificCredential", input).await;
            assert_eq!(refused.0, "NoSuchEntityException", "{user}");
        }
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = world(&["ann"]).await;
        let demanded = world
            .demands(
                "UpdateServiceSpecificCredential",
                json!({"UserName": "ann", "ServiceSpecificCredentialId": "X", "Status": "Active"}),
            )
            .await;
        assert_eq!(
            demanded,
            (
                "iam:UpdateServiceSpecificCredential".to_owned(),
                "arn:aws:iam::111122223333:user/team/ann".to_owned()
            )
        );
    }
}
