//! `ListRoleTags`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html>

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::paging::Paging;
use crate::records::Role;
use crate::service::Iam;

impl Handler<Iam> for operations::ListRoleTags {
    const ACCESS: Access = Access::read("iam:ListRoleTags");
    type Target = Named<Role>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        Named::resolve(iam, cx, &input.role_name).await
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
        let page = paging.page_in_order(target.get()?.tags.to_api());
        Ok(Reply::new(types::ListRoleTagsResponse {
            is_truncated: page.is_truncated(),
            tags: page.items,
            marker: page.marker,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    fn input(name: &str, rest: &[(&str, serde_json::Value)]) -> serde_json::Value {
        let mut input = json!({"RoleName": name});
        for (member, value) in rest {
            input[*member] = value.clone();
        }
        input
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.role("Bob").await;
        assert_eq!(
            world.call("ListRoleTags", input("Bob", &[])).await,
            json!({"Tags": [], "IsTruncated": false})
        );
        let tags = json!([{"Key": "b", "Value": "1"}, {"Key": "a", "Value": "2"}]);
        world.call("TagRole", input("Bob", &[("Tags", tags)])).await;
        let first = world.call("ListRoleTags", input("Bob", &[("MaxItems", 1.into())])).await;
        assert_eq!(
            (&first["Tags"], &first["IsTruncated"]),
            (&json!([{"Key": "b", "Value": "1"}]), &json!(true))
        );
        let rest = world.call("ListRoleTags", input("Bob", &[("Marker", first["Marker"].clone())])).await;
        assert_eq!(rest["Tags"], json!([{"Key": "a", "Value": "2"}]));
        let missing = world.error("ListRoleTags", input("Nobody", &[])).await;
        assert_eq!(
            missing,
            ("NoSuchEntityException", "The role with name Nobody cannot be found.".to_owned())
        );
        let (action, resource) = world.demands("ListRoleTags", input("Bob", &[])).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ListRoleTags", "arn:aws:iam::111122223333:role/Bob")
        );
    }
}
