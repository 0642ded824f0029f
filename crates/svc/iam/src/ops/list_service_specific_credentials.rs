//! `ListServiceSpecificCredentials`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/ListServiceSpecificCredentials>
//!
//! Action `iam:ListServiceSpecificCredentials` on the user, or with `AllUsers` on every user. Condition key
//! `aws:ResourceTag/…`.

use garrison_api_iam::operations::ListServiceSpecificCredentials;
use garrison_api_iam::types::ListServiceSpecificCredentialsResponse;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::paging::Paging;
use crate::records::{ServiceCredential, User};
use crate::repo::Found;
use crate::service::Iam;
use crate::service_credentials::{self, Service};
use crate::user_credentials;

impl Handler<Iam> for ListServiceSpecificCredentials {
    const ACCESS: Access = Access::read("iam:ListServiceSpecificCredentials");
    /// The user; none for all of them.
    type Target = Option<Named<User>>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        if input.all_users != Some(true) {
            let user = user_credentials::user(iam, cx, input.user_name.as_deref()).await?;
            let check = user.check();
            return Ok(Resolved::new(Some(user), check));
        }
        if input.user_name.is_some() {
            return Err(errors::validation("UserName and AllUsers cannot be specified together."));
        }
        let arn = format!("arn:{}:iam::{}:user/*", cx.partition(), cx.account());
        Ok(Resolved::new(None, Check::resource(arn, cx.account())))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.as_ref()?.keys().get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        if let Some(service) = &input.service_name {
            Service::supported(service)?;
        }
        let all: Vec<Found<User>>;
        let users = match target {
            Some(user) => vec![user.get()?],
            None => {
                all = iam.repo().all::<User>(cx.account()).await?;
                all.iter().collect()
            }
        };
        let mut shown = Vec::new();
        for user in users {
            for found in user_credentials::all::<ServiceCredential>(iam, cx, user).await? {
                if input.service_name.as_ref().is_none_or(|service| *service == found.service) {
                    shown.push(service_credentials::metadata(user, &found));
                }
            }
        }
        let page = paging.page_in_order(shown);
        Ok(Reply::new(ListServiceSpecificCredentialsResponse {
            is_truncated: page.is_truncated(),
            service_specific_credentials: Some(page.items),
            marker: page.marker,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::create_service_specific_credential::tests::credential;
    use crate::user_credentials::tests::world;

    #[tokio::test]
    async fn answers_for_one_or_all() {
        let (world, id) = credential().await;
        let input = json!({"UserName": "ben", "ServiceName": "bedrock.amazonaws.com"});
        world.call("CreateServiceSpecificCredential", input).await;
        for (input, count) in [
            (json!({"UserName": "ann"}), 1),
            (json!({"UserName": "ann", "ServiceName": "bedrock.amazonaws.com"}), 0),
            (json!({"AllUsers": true}), 2),
            (json!({"AllUsers": true, "ServiceName": "codecommit.amazonaws.com"}), 1),
        ] {
            let listed = world.call("ListServiceSpecificCredentials", input.clone()).await;
            assert_eq!(listed["ServiceSpecificCredentials"].as_array().unwrap().len(), count, "{input}");
        }
        let listed = world.call("ListServiceSpecificCredentials", json!({"UserName": "ann"})).await;
        let shown = &listed["ServiceSpecificCredentials"][0];
        assert_eq!(
            (&shown["ServiceSpecificCredentialId"], &shown["ServiceUserName"]),
            (&id, &json!("ann-at-111122223333"))
        );
        assert!(shown.get("ServicePassword").is_none());
    }

    #[tokio::test]
    async fn refuses() {
        let (world, _) = credential().await;
        for (input, error) in [
            (json!({"UserName": "x"}), "NoSuchEntityException"),
            (json!({"UserName": "ann", "ServiceName": "s3.amazonaws.com"}), "ServiceNotSupportedException"),
            (json!({"UserName": "ann", "AllUsers": true}), "ValidationException"),
        ] {
            assert_eq!(
                world.error("ListServiceSpecificCredentials", input.clone()).await.0,
                error,
                "{input}"
            );
        }
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = world(&["ann"]).await;
        for (input, resource) in
            [(json!({"UserName": "ann"}), "user/team/ann"), (json!({"AllUsers": true}), "user/*")]
        {
            let demanded = world.demands("ListServiceSpecificCredentials", input).await;
            assert_eq!(demanded.0, "iam:ListServiceSpecificCredentials");
            assert_eq!(demanded.1, format!("arn:aws:iam::111122223333:{resource}"));
        }
    }
}
