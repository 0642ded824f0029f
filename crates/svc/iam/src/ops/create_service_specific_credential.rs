//! `CreateServiceSpecificCredential`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/CreateServiceSpecificCredential>
//!
//! Action `iam:CreateServiceSpecificCredential` on the user. Condition keys `iam:ServiceSpecificCredentialAgeDays`,
//! `iam:ServiceSpecificCredentialServiceName`, `aws:ResourceTag/…`.

use garrison_api_iam::operations::CreateServiceSpecificCredential;
use garrison_api_iam::types::CreateServiceSpecificCredentialResponse;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::Keys;
use crate::entity::Named;
use crate::quota;
use crate::records::ServiceCredential;
use crate::records::User;
use crate::service::Iam;
use crate::service_credentials::{self, Service};
use crate::user_credentials;

impl Handler<Iam> for CreateServiceSpecificCredential {
    const ACCESS: Access = Access::write("iam:CreateServiceSpecificCredential");
    type Target = Named<User>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let user = user_credentials::user(iam, cx, Some(&input.user_name)).await?;
        let check = user.check();
        Ok(Resolved::new(user, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys {
            credential_age_days: input.credential_age_days.map(i64::from),
            credential_service_name: Some(&input.service_name),
            ..target.keys()
        }
        .get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let service = Service::supported(&input.service_name)?;
        let user = target.get()?;
        let known = user_credentials::all::<ServiceCredential>(iam, cx, user).await?;
        let count = known.iter().filter(|known| known.service == input.service_name).count();
        let (record, secret) = service_credentials::new(iam, cx, user, service, input.credential_age_days)?;
        let quota = quota::SERVICE_SPECIFIC_CREDENTIALS_PER_USER;
        let writes = user_credentials::add(cx, user, &record, quota, count)?;
        let shown = service_credentials::with_secret(user, &record, secret);
        let output = CreateServiceSpecificCredentialResponse { service_specific_credential: Some(shown) };
        Ok(Reply::with_writes(output, writes))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};

    use crate::testing::World;
    use crate::user_credentials::tests::world;

    /// A world with two users, of whom Ann has a credential for CodeCommit, and its id.
    pub(crate) async fn credential() -> (World, Value) {
        let world = world(&["ann", "ben"]).await;
        let input = json!({"UserName": "ann", "ServiceName": "codecommit.amazonaws.com"});
        let output = world.call("CreateServiceSpecificCredential", input).await;
        let id = output["ServiceSpecificCredential"]["ServiceSpecificCredentialId"].clone();
        (world, id)
    }

    #[tokio::test]
    async fn passwords_come_with_user_names() {
        let world = world(&["ann"]).await;
        let input = json!({"UserName": "ann", "ServiceName": "codecommit.amazonaws.com"});
        let mut names = Vec::new();
        for _ in 0..2 {
            let output = world.call("CreateServiceSpecificCredential", input.clone()).await;
            let shown = &output["ServiceSpecificCredential"];
            assert!(shown["ServiceSpecificCredentialId"].as_str().unwrap().starts_with("ACCA"));
            assert_eq!(shown["ServicePassword"].as_str().unwrap().len(), 44);
            assert_eq!((&shown["Status"], &shown["UserName"]), (&json!("Active"), &json!("ann")));
            assert!(shown.get("ServiceCredentialSecret").is_none() && shown.get("ExpirationDate").is_none());
            names.push(shown["ServiceUserName"].as_str().unwrap().to_owned());
        }
        assert_eq!(names[0], "ann-at-111122223333");
        assert!(names[1].starts_with("ann+") && names[1].ends_with("-at-111122223333"), "{names:?}");
        let full = world.error("CreateServiceSpecificCredential", input).await;
        assert_eq!(full.0, "LimitExceededException");
    }

    #[tokio::test]
    async fn api_keys_come_with_aliases_and_may_end() {
        let world = world(&["ann"]).await;
        let input =
            json!({"UserName": "ann", "ServiceName": "bedrock.amazonaws.com", "CredentialAgeDays": 30});
        let output = world.call("CreateServiceSpecificCredential", input).await;
        let shown = &output["ServiceSpecificCredential"];
        assert!(shown["ServiceCredentialAlias"].as_str().unwrap().ends_with("-at-111122223333"));
        assert!(shown["ServiceCredentialSecret"].as_str().unwrap().starts_with("ABSK"));
        assert_eq!(shown["ExpirationDate"], 1_802_592_000.0);
        assert!(shown.get("ServicePassword").is_none());
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = world(&["ann"]).await;
        let demanded = world
            .demands(
                "CreateServiceSpecificCredential",
                json!({"UserName": "ann", "ServiceName": "codecommit.amazonaws.com"}),
            )
            .await;
        assert_eq!(
            demanded,
            (
                "iam:CreateServiceSpecificCredential".to_owned(),
                "arn:aws:iam::111122223333:user/team/ann".to_owned()
            )
        );
    }

    #[tokio::test]
    async fn refuses() {
        let world = world(&["ann"]).await;
        for (user, service, error) in [
            ("nobody", "codecommit.amazonaws.com", "NoSuchEntityException"),
            ("ann", "s3.amazonaws.com", "ServiceNotSupportedException"),
        ] {
            let input = json!({"UserName": user, "ServiceName": service});
            assert_eq!(
                world.error("CreateServiceSpecificCredential", input).await.0,
                error,
                "{user} {service}"
            );
        }
    }
}
