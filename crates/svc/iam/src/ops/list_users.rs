//! `ListUsers`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html>
//!
//! Lists the users below a path.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::names;
use crate::paging::{Paging, has_prefix};
use crate::records::User;
use crate::service::Iam;
use crate::users;

impl Handler<Iam> for operations::ListUsers {
    const ACCESS: Access = Access::read("iam:ListUsers");
    type Target = ();

    async fn resolve(_: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        let arn =
            names::arn(cx.partition(), cx.account(), "user", input.path_prefix.as_deref().unwrap_or("/"), "");
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
        let keep = |user: &User| has_prefix(&user.path, prefix);
        let page = iam.repo().list::<User>(cx.account(), &paging, keep).await?;
        let users = page.items.iter().map(|user| users::summary(user, cx)).collect();
        Ok(Reply::new(types::ListUsersResponse {
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
        for (name, path) in [("c", "/x/"), ("B", "/"), ("a", "/x/y/")] {
            let tags = json!([{"Key": "k", "Value": "v"}]);
            world.call("CreateUser", json!({"UserName": name, "Path": path, "Tags": tags})).await;
        }
        let page = world.call("ListUsers", json!({"MaxItems": 2})).await;
        assert_eq!(
            (&page["Users"][0]["UserName"], &page["Users"][1]["UserName"]),
            (&json!("a"), &json!("B"))
        );
        assert!(page["Users"][0].get("Tags").is_none(), "lists leave tags out");
        assert_eq!(page["IsTruncated"], true);
        let page = world.call("ListUsers", json!({"Marker": page["Marker"]})).await;
        assert_eq!((&page["Users"][0]["UserName"], &page["IsTruncated"]), (&json!("c"), &json!(false)));
        assert!(page.get("Marker").is_none());
        let page = world.call("ListUsers", json!({"PathPrefix": "/x/"})).await;
        assert_eq!(page["Users"].as_array().unwrap().len(), 2);
        let (action, resource) = world.demands("ListUsers", json!({})).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ListUsers", "arn:aws:iam::111122223333:user/")
        );
        assert_eq!(world.error("ListUsers", json!({"Marker": "x"})).await.0, "ValidationException");
    }
}
