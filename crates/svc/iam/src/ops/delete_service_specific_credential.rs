//! `DeleteServiceSpecificCredential`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/DeleteServiceSpecificCredential>
//!
//! Action `iam:DeleteServiceSpecificCredential` on the user. Condition keys
//! `iam:ServiceSpecificCredentialServiceName`, `aws:ResourceTag/…`.

use garrison_api_iam::operations::DeleteServiceSpecificCredential;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};

use crate::service::Iam;
use crate::service_credentials::NamedCredential;
use crate::user_credentials;

impl Handler<Iam> for DeleteServiceSpecificCredential {
    const ACCESS: Access = Access::write("iam:DeleteServiceSpecificCredential");
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
        _: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Unit>, ApiError> {
        let found = target.get()?;
        Ok(Reply::with_writes(Unit, user_credentials::remove(cx, target.user.get()?, found)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::create_service_specific_credential::tests::credential;
    use crate::user_credentials::tests::{user_record, world};

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
    async fn a_policy_may_name_the_service() {
        let (world, id) = credential().await;
        let mut operator = user_record("op");
        let service =
            |name: &str| json!({"StringEquals": {"iam:ServiceSpecificCredentialServiceName": name}});
        let policy = |name: &str| {
            let action = "iam:DeleteServiceSpecificCredential";
            json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": service(name)}})
        };
        let input = json!({"UserName": "ann", "ServiceSpecificCredentialId": id});
        for (user, service, allowed) in
            [("other", "bedrock.amazonaws.com", false), ("op", "codecommit.amazonaws.com", true)]
        {
            operator.name = user.to_owned();
            operator.id = format!("AIDA{user}");
            operator.policies.inline = [("p".to_owned(), policy(service).to_string())].into();
            world.put_user(&operator).await;
            let mut cx = world.root();
            cx.caller = garrison_kernel::Caller::new(operator.principal(cx.partition(), cx.account()), None);
            let called =
                world.test.call(&world.service, "DeleteServiceSpecificCredential", &cx, &input).await;
            assert_eq!(called.is_ok(), allowed, "{service}");
        }
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
