//! `CreateAccessKey`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html>
//!
//! Makes an access key: of the named user, or of the caller, which may be the root user.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::quota;
use crate::records::Owner;
use crate::repo;
use crate::service::Iam;
use crate::subject::{About, Subject};

impl Handler<Iam> for operations::CreateAccessKey {
    const ACCESS: Access = Access::write("iam:CreateAccessKey");
    type Target = About;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        About::resolve(iam, cx, input.user_name.as_deref()).await
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        About(target): &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys().get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        _: &Self::Input,
        About(target): &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (account, mut writes) = (cx.account(), WriteSet::new());
        let count = match target {
            Subject::Root { .. } => iam.access_keys().of_root(account).await?.len(),
            Subject::User(user) => user.get()?.access_keys.len(),
        };
        quota::ACCESS_KEYS_PER_USER.ensure_room(count)?;
        let owner = match target {
            Subject::Root { .. } => Owner::Root,
            Subject::User(user) => Owner::User(user.get()?.id.clone()),
        };
        let issued = iam
            .access_keys()
            .issue_to(owner, account, cx.time, iam.kernel().rng(), &mut writes)
            .map_err(errors::internal)?;
        if let Subject::User(user) = target {
            let old = user.get()?;
            let mut changed = old.record.clone();
            changed.access_keys.push(issued.id.clone());
            repo::replace(&mut writes, account, old, &changed);
        }
        let access_key = types::AccessKey {
            user_name: target.name()?.to_owned(),
            access_key_id: issued.id,
            status: types::StatusType::Active,
            secret_access_key: issued.secret.to_string().into(),
            create_date: Some(cx.time),
        };
        Ok(Reply::with_writes(types::CreateAccessKeyResponse { access_key }, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.call("CreateUser", json!({"UserName": "Bob"})).await;
        let input = json!({"UserName": "bob"});
        let (action, resource) = world.demands("CreateAccessKey", input.clone()).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:CreateAccessKey", "arn:aws:iam::111122223333:user/Bob")
        );
        let key = &world.call("CreateAccessKey", input.clone()).await["AccessKey"];
        assert_eq!((&key["UserName"], &key["Status"]), (&json!("Bob"), &json!("Active")));
        let id = key["AccessKeyId"].as_str().unwrap();
        let credential = world.credential(id).await.unwrap();
        assert_eq!(&*credential.caller.arn, "arn:aws:iam::111122223333:user/Bob");
        assert_eq!(credential.secret.unwrap().expose(), key["SecretAccessKey"].as_str().unwrap().as_bytes());
        world.call("CreateAccessKey", input.clone()).await;
        let error = world.error("CreateAccessKey", input).await;
        assert_eq!(
            error,
            ("LimitExceededException", "Cannot exceed quota for AccessKeysPerUser: 2".to_owned())
        );
        assert_eq!(
            world.error("CreateAccessKey", json!({"UserName": "No"})).await.0,
            "NoSuchEntityException"
        );
    }

    #[tokio::test]
    async fn the_root_user_makes_its_own() {
        let world = World::new();
        let key = &world.call("CreateAccessKey", json!({})).await["AccessKey"];
        let credential = world.credential(key["AccessKeyId"].as_str().unwrap()).await.unwrap();
        assert_eq!(&*credential.caller.arn, "arn:aws:iam::111122223333:root");
        world.call("CreateAccessKey", json!({})).await;
        assert_eq!(world.error("CreateAccessKey", json!({})).await.0, "LimitExceededException");
    }
}
