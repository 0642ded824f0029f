//! `ListRoles`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::names;
use crate::paging::{Paging, has_prefix};
use crate::records::Role;
use crate::roles;
use crate::service::Iam;

impl Handler<Iam> for operations::ListRoles {
    const ACCESS: Access = Access::read("iam:ListRoles");
    type Target = Paging;

    async fn resolve(_: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let arn = names::arn(cx.partition(), cx.account(), "role", prefix, "");
        Ok(Resolved::new(paging, Check::resource(arn, cx.account())))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let prefix = input.path_prefix.as_deref();
        let page =
            iam.repo().list::<Role>(cx.account(), target, |role| has_prefix(&role.path, prefix)).await?;
        Ok(Reply::new(types::ListRolesResponse {
            is_truncated: page.is_truncated(),
            roles: page.items.iter().map(|role| roles::summary(role, cx)).collect(),
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
        for name in ["b", "C", "a"] {
            world.role(name).await;
        }
        let linked = world.service_linked_role().await;
        let page = world.call("ListRoles", json!({"MaxItems": 2})).await;
        let names = |page: &serde_json::Value| {
            page["Roles"].as_array().unwrap().iter().map(|role| role["RoleName"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(&page), ["a", &linked]);
        assert_eq!(page["IsTruncated"], true);
        let page = world.call("ListRoles", json!({"Marker": page["Marker"]})).await;
        assert_eq!(names(&page), ["b", "C"]);
        assert!(page["Roles"][0].get("Tags").is_none() && page["Roles"][0].get("RoleLastUsed").is_none());
        let page = world.call("ListRoles", json!({"PathPrefix": "/aws-service-role/"})).await;
        assert_eq!(names(&page), [linked.as_str()]);
        let (action, resource) = world.demands("ListRoles", json!({})).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ListRoles", "arn:aws:iam::111122223333:role/")
        );
    }
}
