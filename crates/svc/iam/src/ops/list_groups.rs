//! `ListGroups`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroups.html>
//!
//! Lists the groups below a path.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::groups;
use crate::names;
use crate::paging::{Paging, has_prefix};
use crate::records::Group;
use crate::service::Iam;

impl Handler<Iam> for operations::ListGroups {
    const ACCESS: Access = Access::read("iam:ListGroups");
    type Target = ();

    async fn resolve(_: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        let arn = names::arn(
            cx.partition(),
            cx.account(),
            "group",
            input.path_prefix.as_deref().unwrap_or("/"),
            "",
        );
        Ok(Resolved::new((), Check::resource(arn, cx.account())))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        (): &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let prefix = input.path_prefix.as_deref();
        let keep = |group: &Group| has_prefix(&group.path, prefix);
        let page = iam.repo().list::<Group>(cx.account(), &paging, keep).await?;
        let groups = page.items.iter().map(|group| groups::to_api(group, cx)).collect();
        Ok(Reply::new(types::ListGroupsResponse {
            groups,
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
        for (name, path) in [("b", "/x/"), ("a", "/")] {
            world.call("CreateGroup", json!({"GroupName": name, "Path": path})).await;
        }
        let page = world.call("ListGroups", json!({"MaxItems": 1})).await;
        assert_eq!((&page["Groups"][0]["GroupName"], &page["IsTruncated"]), (&json!("a"), &json!(true)));
        let page = world.call("ListGroups", json!({"Marker": page["Marker"]})).await;
        assert_eq!(page["Groups"][0]["GroupName"], "b");
        let page = world.call("ListGroups", json!({"PathPrefix": "/x"})).await;
        assert_eq!(page["Groups"].as_array().unwrap().len(), 1);
        let (action, resource) = world.demands("ListGroups", json!({})).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ListGroups", "arn:aws:iam::111122223333:group/")
        );
    }
}
