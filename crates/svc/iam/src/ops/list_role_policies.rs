//! `ListRolePolicies`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html>
//!
//! The names of inline policies.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::paging::Paging;
use crate::records::Role;
use crate::service::Iam;

impl Handler<Iam> for operations::ListRolePolicies {
    const ACCESS: Access = Access::read("iam:ListRolePolicies");
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
        let page = paging.page_of(target.get()?.policies.inline.keys().cloned(), Clone::clone);
        Ok(Reply::new(types::ListRolePoliciesResponse {
            is_truncated: page.is_truncated(),
            policy_names: page.items,
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
        world.role("Bob").await;
        let document =
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        for name in ["b", "c", "a"] {
            let put = json!({"RoleName": "Bob", "PolicyName": name, "PolicyDocument": document});
            world.call("PutRolePolicy", put).await;
        }
        let input = json!({"RoleName": "Bob", "MaxItems": 2});
        let page = world.call("ListRolePolicies", input.clone()).await;
        assert_eq!((&page["PolicyNames"], &page["IsTruncated"]), (&json!(["a", "b"]), &json!(true)));
        let page = world.call("ListRolePolicies", json!({"RoleName": "Bob", "Marker": page["Marker"]})).await;
        assert_eq!(page, json!({"PolicyNames": ["c"], "IsTruncated": false}));
        let missing = world.error("ListRolePolicies", json!({"RoleName": "Nobody"})).await;
        assert_eq!(
            missing,
            ("NoSuchEntityException", "The role with name Nobody cannot be found.".to_owned())
        );
        let (action, resource) = world.demands("ListRolePolicies", input).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ListRolePolicies", "arn:aws:iam::111122223333:role/Bob")
        );
    }
}
