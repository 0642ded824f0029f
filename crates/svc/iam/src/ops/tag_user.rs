//! `TagUser`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html>
//!
//! Puts tags on a user.

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

/// The user, and the keys of the tags.
#[derive(Debug)]
pub struct TagTarget {
    user: Named<User>,
    tag_keys: Vec<String>,
}

impl Handler<Iam> for operations::TagUser {
    const ACCESS: Access = Access::write("iam:TagUser");
    type Target = TagTarget;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let user = Named::find(iam, cx, &input.user_name).await?;
        let check = user.check();
        Ok(Resolved::new(TagTarget { user, tag_keys: tagging::keys(Some(&input.tags)) }, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { request_tags: Some(&input.tags), tag_keys: &target.tag_keys, ..target.user.keys() }.get(key)
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let old = target.user.get()?;
        let mut changed = old.record.clone();
        tagging::add(&mut changed.tags, &input.tags)?;
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
        world.call("CreateUser", json!({"UserName": "Bob"})).await;
        let input = json!({"UserName": "Bob", "Tags": [{"Key": "Team", "Value": "x"}]});
        world.call("TagUser", input.clone()).await;
        world.call("TagUser", json!({"UserName": "Bob", "Tags": [{"Key": "team", "Value": "y"}]})).await;
        let tags = world.call("ListUserTags", json!({"UserName": "Bob"})).await;
        assert_eq!(tags["Tags"], json!([{"Key": "team", "Value": "y"}]));
        let (action, resource) = world.demands("TagUser", input).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:TagUser", "arn:aws:iam::111122223333:user/Bob")
        );
        assert_eq!(
            world.error("TagUser", json!({"UserName": "No", "Tags": []})).await.0,
            "NoSuchEntityException"
        );
        let twice = json!([{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}]);
        let error = world.error("TagUser", json!({"UserName": "Bob", "Tags": twice})).await;
        assert_eq!(error.0, "InvalidInputException");
        let many: Vec<_> = (0..50).map(|i| json!({"Key": format!("k{i}"), "Value": ""})).collect();
        let error = world.error("TagUser", json!({"UserName": "Bob", "Tags": many})).await;
        assert_eq!(error.0, "LimitExceededException");
    }
}
