//! `ListGroupsForUser`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html>
//!
//! Lists the groups that a user is in, in the order of joining.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::groups;
use crate::paging::Paging;
use crate::records::{Group, User};
use crate::service::Iam;

impl Handler<Iam> for operations::ListGroupsForUser {
    const ACCESS: Access = Access::read("iam:ListGroupsForUser");
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
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let mut found = Vec::new();
        for id in &target.get()?.groups {
            let group = iam.repo().by_id::<Group>(cx.account(), id).await?;
            found.extend(group.map(|group| groups::to_api(&group, cx)));
        }
        let page = paging.page_in_order(found);
        let is_truncated = page.is_truncated();
        Ok(Reply::new(types::ListGroupsForUserResponse {
            groups: page.items,
            is_truncated,
            marker: page.marker,
        }))
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
        for group in ["b", "a"] {
            world.call("CreateGroup", json!({"GroupName": group})).await;
            world.call("AddUserToGroup", json!({"UserName": "Bob", "GroupName": group})).await;
        }
        let page = world.call("ListGroupsForUser", json!({"UserName": "Bob", "MaxItems": 1})).await;
        assert_eq!((&page["Groups"][0]["GroupName"], &page["IsTruncated"]), (&json!("b"), &json!(true)));
        let input = json!({"UserName": "Bob", "Marker": page["Marker"]});
        let page = world.call("ListGroupsForUser", input).await;
        assert_eq!((&page["Groups"][0]["GroupName"], &page["IsTruncated"]), (&json!("a"), &json!(false)));
        world.call("UpdateGroup", json!({"GroupName": "b", "NewGroupName": "c"})).await;
        let page = world.call("ListGroupsForUser", json!({"UserName": "Bob"})).await;
        assert_eq!(page["Groups"][0]["GroupName"], "c", "a group is the same under another name");
        let (action, resource) = world.demands("ListGroupsForUser", json!({"UserName": "Bob"})).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ListGroupsForUser", "arn:aws:iam::111122223333:user/Bob")
        );
        assert_eq!(
            world.error("ListGroupsForUser", json!({"UserName": "No"})).await.0,
            "NoSuchEntityException"
        );
    }
}
