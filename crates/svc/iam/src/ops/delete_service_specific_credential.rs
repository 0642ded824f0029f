//! `DeleteServiceSpecificCredential`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/DeleteServiceSpecificCredential>
//!
//! Action `iam:DeleteServiceSpecificCredential` on the user. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::DeleteServiceSpecificCredential;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};

use crate::entity::Named;
use crate::records::User;
use crate::service::Iam;
use crate::service_credentials;
use crate::user_credentials;

impl Handler<Iam> for DeleteServiceSpecificCredential {
    const ACCESS: Access = Access::write("iam:DeleteServiceSpecificCredential");
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
        let found = service_credentials::get(iam, cx, user, &input.service_specific_credential_id).await?;
        Ok(Reply::with_writes(Unit, user_credentials::remove(cx, user, &found)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::create_service_specific_credential::tests::credential;
    use crate::user_credentials::tests::world;

    #[tokio::test]
    async fn deletes() {
        let (world, id) = credential().await;
        let input = json!({"UserName": "ann", "ServiceSpecificCredentialId": id});
        world.call("DeleteServiceSpecificCredential", input.clone()).await;
        let listed = world.call("ListServiceSpecificCredentials", json!({"UserName": "ann"})).await;
        assert_eq!(listed["ServiceSpecificCredentials"], json!([]));
        let refused = world.error("DeleteServiceSpecificCredential", input).await;
        assert_eq!(refused.0, "NoSuchEntityException");
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = world(&["ann"]).await;
        let demanded = world
            .demands(
                "DeleteServiceSpecificCredential",
                json!({"UserName": "ann", "ServiceSpecificCredentialId": "X"}),
            )
            .await;
        assert_eq!(
            demanded,
            (
                "iam:DeleteServiceSpecificCredential".to_owned(),
                "arn:aws:iam::111122223333:user/team/ann".to_owned()
            )
        );
    }
}
