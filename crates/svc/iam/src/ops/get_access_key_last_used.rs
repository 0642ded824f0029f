//! `GetAccessKeyLastUsed`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html>
//!
//! Shows when and where an access key of the account was last used.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::access_keys;
use crate::names;
use crate::records::{Owner, User};
use crate::service::Iam;
use crate::subject::ROOT_NAME;
use crate::users;

impl Handler<Iam> for operations::GetAccessKeyLastUsed {
    const ACCESS: Access = Access::read("iam:GetAccessKeyLastUsed");
    type Target = Option<String>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let found = iam.access_keys().get(&input.access_key_id).await?;
        let key = found.map(|found| found.record).filter(|key| key.account == cx.account().as_str());
        let owner = match key.as_ref().map(|key| &key.owner) {
            Some(Owner::User(id)) => match iam.repo().by_id::<User>(cx.account(), id).await? {
                Some(user) => Some((user.name.clone(), user.arn(cx.partition(), cx.account()))),
                None => None,
            },
            Some(Owner::Root) => Some((ROOT_NAME.to_owned(), users::root(cx).arn)),
            None => None,
        };
        // Nobody's key is asked about as that of any user.
        let any = || names::arn(cx.partition(), cx.account(), "user", "/", "*");
        let arn = owner.as_ref().map_or_else(any, |(_, arn)| arn.clone());
        Ok(Resolved::new(owner.map(|(name, _)| name), Check::resource(arn, cx.account())))
    }

    async fn execute(
        iam: &Iam,
        _: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let user_name = target.clone().ok_or_else(|| access_keys::not_found(&input.access_key_id))?;
        let last_use = iam.access_keys().last_use(&input.access_key_id).await?;
        let used = match last_use {
            Some(last_use) => types::AccessKeyLastUsed {
                last_used_date: Some(last_use.at.0),
                service_name: last_use.service,
                region: last_use.region,
            },
            None => types::AccessKeyLastUsed {
                last_used_date: None,
                service_name: "N/A".to_owned(),
                region: "N/A".to_owned(),
            },
        };
        Ok(Reply::new(types::GetAccessKeyLastUsedResponse {
            user_name: Some(user_name),
            access_key_last_used: Some(used),
        }))
    }
}

#[cfg(test)]
mod tests {
    use garrison_kernel::identity::Credentials as _;
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.call("CreateUser", json!({"UserName": "Bob"})).await;
        let made = world.call("CreateAccessKey", json!({"UserName": "Bob"})).await;
        let id = made["AccessKey"]["AccessKeyId"].as_str().unwrap();
        let input = json!({"AccessKeyId": id});
        let found = world.call("GetAccessKeyLastUsed", input.clone()).await;
        assert_eq!(found["UserName"], "Bob");
        assert_eq!(found["AccessKeyLastUsed"], json!({"ServiceName": "N/A", "Region": "N/A"}));
        world.access_keys.used(id, "kms", &"eu-central-1".parse().unwrap());
        let found = world.call("GetAccessKeyLastUsed", input.clone()).await;
        let used = &found["AccessKeyLastUsed"];
        assert_eq!((&used["ServiceName"], &used["Region"]), (&json!("kms"), &json!("eu-central-1")));
        assert_eq!(used["LastUsedDate"].as_f64(), Some(1_800_000_000.0));
        let (action, resource) = world.demands("GetAccessKeyLastUsed", input).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:GetAccessKeyLastUsed", "arn:aws:iam::111122223333:user/Bob")
        );
        let error = world.error("GetAccessKeyLastUsed", json!({"AccessKeyId": "AKIANOTHERE"})).await;
        assert_eq!(error.0, "NoSuchEntityException");
        let made = world.call("CreateAccessKey", json!({})).await;
        let id = made["AccessKey"]["AccessKeyId"].as_str().unwrap();
        assert_eq!(world.call("GetAccessKeyLastUsed", json!({"AccessKeyId": id})).await["UserName"], "root");
    }
}
