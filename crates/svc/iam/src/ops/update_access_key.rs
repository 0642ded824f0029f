//! `UpdateAccessKey`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html>
//!
//! Switches an access key on or off. The next call that it signs is judged by that.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::access_keys;
use crate::records::AccessKey;
use crate::repo::Found;
use crate::service::Iam;
use crate::subject::Subject;

/// Whose the key is said to be, and the key.
#[derive(Debug)]
pub struct Target {
    subject: Subject,
    key: Option<Found<AccessKey>>,
}

impl Handler<Iam> for operations::UpdateAccessKey {
    const ACCESS: Access = Access::write("iam:UpdateAccessKey");
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
        _: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let key = access_keys::of_subject(&target.subject, &input.access_key_id, target.key.as_ref())?;
        let active = match input.status {
            types::StatusType::Active => true,
            types::StatusType::Inactive => false,
            _ => {
                return Err(errors::validation(
                    "The status of an access key can be set to Active or Inactive.",
                ));
            }
        };
        let mut writes = WriteSet::new();
        access_keys::set_active(&mut writes, &input.access_key_id, key, active);
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
        let input = |user: &str, status: &str| json!({"UserName": user, "AccessKeyId": id, "Status": status});
        let (action, resource) = world.demands("UpdateAccessKey", input("Bob", "Inactive")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:UpdateAccessKey", "arn:aws:iam::111122223333:user/Bob")
        );
        world.call("UpdateAccessKey", input("Bob", "Inactive")).await;
        assert!(world.credential(id).await.is_err(), "at once");
        world.call("UpdateAccessKey", input("Bob", "Active")).await;
        assert!(world.credential(id).await.is_ok());
        let missing = format!("The Access Key with id {id} cannot be found.");
        let error = world.error("UpdateAccessKey", input("Eve", "Inactive")).await;
        assert_eq!(error, ("NoSuchEntityException", missing));
        let roots = json!({"AccessKeyId": id, "Status": "Inactive"});
        assert_eq!(world.error("UpdateAccessKey", roots).await.0, "NoSuchEntityException");
        assert_eq!(world.error("UpdateAccessKey", input("Bob", "Expired")).await.0, "ValidationException");
        let made = world.call("CreateAccessKey", json!({})).await;
        let id = made["AccessKey"]["AccessKeyId"].as_str().unwrap();
        world.call("UpdateAccessKey", json!({"AccessKeyId": id, "Status": "Inactive"})).await;
        assert!(world.credential(id).await.is_err());
    }
}
