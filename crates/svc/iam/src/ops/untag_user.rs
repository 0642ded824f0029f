//! `UntagUser`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagUser.html>
//!
//! Takes tags off a user.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::condition::Keys;
use crate::entity::Named;
use crate::records::User;
use crate::repo;
use crate::service::Iam;
use crate::tagging;

impl Handler<Iam> for operations::UntagUser {
    const ACCESS: Access = Access::write("iam:UntagUser");
    type Target = Named<User>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let target = Named::find(iam, cx, &input.user_name).await?;
        let check = target.check();
        Ok(Resolved::new(target, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { tag_keys: &input.tag_keys, ..target.keys() }.get(key)
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let old = target.get()?;
        let mut changed = old.record.clone();
        tagging::remove(&mut changed.tags, &input.tag_keys)?;
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), old, &changed);
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
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
        world.call("CreateUser", json!({"UserName": "Bob", "Tags": tags})).await;
        let input = json!({"UserName": "Bob", "TagKeys": ["A", "absent"]});
        world.call("UntagUser", input.clone()).await;
        let tags = world.call("ListUserTags", json!({"UserName": "Bob"})).await;
        assert_eq!(tags["Tags"], json!([{"Key": "b", "Value": "2"}]));
        let (action, resource) = world.demands("UntagUser", input).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:UntagUser", "arn:aws:iam::111122223333:user/Bob")
        );
        let error = world.error("UntagUser", json!({"UserName": "No", "TagKeys": []})).await;
        assert_eq!(error.0, "NoSuchEntityException");
        let error = world.error("UntagUser", json!({"UserName": "Bob", "TagKeys": ["aws:x"]})).await;
        assert_eq!(error.0, "InvalidInputException");
    }
}
