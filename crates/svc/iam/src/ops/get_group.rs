//! `GetGroup`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html>
//!
//! Shows a group and its users, in the order of their unique ids.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::groups;
use crate::paging::Paging;
use crate::records::{Group, User};
use crate::service::Iam;
use crate::users;

impl Handler<Iam> for operations::GetGroup {
    const ACCESS: Access = Access::read("iam:GetGroup");
    type Target = Named<Group>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let target = Named::find(iam, cx, &input.group_name).await?;
        let check = target.check();
        Ok(Resolved::new(target, check))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let group = target.get()?;
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let members = iam.repo().links(cx.account(), groups::MEMBERS, &group.id).await?.to;
        let page = paging.page_of(members, Clone::clone);
        let mut users = Vec::with_capacity(page.items.len());
        for id in &page.items {
            let user = iam.repo().by_id::<User>(cx.account(), id).await?;
            users.extend(user.map(|user| users::summary(&user, cx)));
        }
        Ok(Reply::new(types::GetGroupResponse {
            group: groups::to_api(group, cx),
            users,
            is_truncated: page.is_truncated(),
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
        world.call("CreateGroup", json!({"GroupName": "G"})).await;
        for name in ["a", "b", "c"] {
            world.call("CreateUser", json!({"UserName": name})).await;
            world.call("AddUserToGroup", json!({"UserName": name, "GroupName": "G"})).await;
        }
        let (mut seen, mut marker) = (Vec::new(), json!(null));
        loop {
            let page =
                world.call("GetGroup", json!({"GroupName": "g", "MaxItems": 2, "Marker": marker})).await;
            assert_eq!(page["Group"]["GroupName"], "G");
            for user in page["Users"].as_array().unwrap() {
                seen.push(user["UserName"].as_str().unwrap().to_owned());
            }
            if page["IsTruncated"] == json!(false) {
                break;
            }
            marker = page["Marker"].clone();
        }
        seen.sort();
        assert_eq!(seen, ["a", "b", "c"]);
        let (action, resource) = world.demands("GetGroup", json!({"GroupName": "G"})).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:GetGroup", "arn:aws:iam::111122223333:group/G")
        );
        let error = world.error("GetGroup", json!({"GroupName": "No"})).await;
        assert_eq!(error, ("NoSuchEntityException", "The group with name No cannot be found.".to_owned()));
    }
}
