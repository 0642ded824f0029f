//! `ListUserTags`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html>
//!
//! Lists the tags of a user, by their keys.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::paging::Paging;
use crate::records::User;
use crate::service::Iam;

impl Handler<Iam> for operations::ListUserTags {
    const ACCESS: Access = Access::read("iam:ListUserTags");
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
        _: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys().get(key)
    }

    async fn execute(
        _: &Iam,
        _: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let mut tags = target.get()?.tags.to_api();
        tags.sort_by(|a, b| a.key.cmp(&b.key));
        let page = paging.page_of(tags, |tag| tag.key.clone());
        let is_truncated = page.is_truncated();
        Ok(Reply::new(types::ListUserTagsResponse { tags: page.items, is_truncated, marker: page.marker }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let tags = json!([{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]);
        world.call("CreateUser", json!({"UserName": "Bob", "Tags": tags})).await;
        let page = world.call("ListUserTags", json!({"UserName": "Bob", "MaxItems": 1})).await;
        assert_eq!(page["Tags"], json!([{"Key": "a", "Value": "1"}]));
        let page = world.call("ListUserTags", json!({"UserName": "Bob", "Marker": page["Marker"]})).await;
        assert_eq!((&page["Tags"][0]["Key"], &page["IsTruncated"]), (&json!("b"), &json!(false)));
        let (action, resource) = world.demands("ListUserTags", json!({"UserName": "Bob"})).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ListUserTags", "arn:aws:iam::111122223333:user/Bob")
        );
        assert_eq!(world.error("ListUserTags", json!({"UserName": "No"})).await.0, "NoSuchEntityException");
    }
}
