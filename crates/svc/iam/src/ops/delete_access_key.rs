//! `DeleteAccessKey`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html>
//!
//! Deletes an access key for good.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::access_keys;
use crate::records::AccessKey;
use crate::repo::{self, Found};
use crate::service::Iam;
use crate::subject::Subject;

/// Whose the key is said to be, and the key.
#[derive(Debug)]
pub struct Target {
    subject: Subject,
    key: Option<Found<AccessKey>>,
}

impl Handler<Iam> for operations::DeleteAccessKey {
    const ACCESS: Access = Access::write("iam:DeleteAccessKey");
    type Target = Target;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let subject = Subject::find(iam, cx, input.user_name.as_deref()).await?;
        let key = iam.access_keys().get(&input.access_key_id).await?;
        let check = subject.check();
        Ok(Resolved::new(Target { subject, key }, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.subject.keys().get(key)
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let key = access_keys::of_subject(&target.subject, &input.access_key_id, target.key.as_ref())?;
        let mut writes = WriteSet::new();
        access_keys::delete(&mut writes, &input.access_key_id, key.revision);
        if let Subject::User(user) = &target.subject {
            let old = user.get()?;
            let mut changed = old.record.clone();
            changed.access_keys.retain(|id| *id != input.access_key_id);
            repo::replace(&mut writes, cx.account(), old, &changed);
        }
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        for name in ["Bob", "Eve"] {
            world.call("CreateUser", json!({"UserName": name})).await;
        }
        let made = world.call("CreateAccessKey", json!({"UserName": "Bob"})).await;
        let id = made["AccessKey"]["AccessKeyId"].as_str().unwrap();
        let input = |user: &str| json!({"UserName": user, "AccessKeyId": id});
        let (action, resource) = world.demands("DeleteAccessKey", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:DeleteAccessKey", "arn:aws:iam::111122223333:user/Bob")
        );
        assert_eq!(world.error("DeleteAccessKey", input("Eve")).await.0, "NoSuchEntityException");
        world.call("DeleteAccessKey", input("Bob")).await;
        assert!(world.credential(id).await.is_err(), "at once");
        assert_eq!(world.error("DeleteAccessKey", input("Bob")).await.0, "NoSuchEntityException");
        let listed = world.call("ListAccessKeys", json!({"UserName": "Bob"})).await;
        assert_eq!(listed["AccessKeyMetadata"], json!([]));
        let made = world.call("CreateAccessKey", json!({})).await;
        world.call("DeleteAccessKey", json!({"AccessKeyId": made["AccessKey"]["AccessKeyId"]})).await;
        assert_eq!(world.call("ListAccessKeys", json!({})).await["AccessKeyMetadata"], json!([]));
    }
}
