//! `ListGroupPolicies`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupPolicies.html>
//!
//! The names of inline policies.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::paging::Paging;
use crate::records::Group;
use crate::service::Iam;

impl Handler<Iam> for operations::ListGroupPolicies {
    const ACCESS: Access = Access::read("iam:ListGroupPolicies");
    type Target = Named<Group>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        Named::resolve(iam, cx, &input.group_name).await
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
        Ok(Reply::new(types::ListGroupPoliciesResponse {
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
        world.call("CreateGroup", json!({"GroupName": "Bob", "Path": "/a/"})).await;
        let document =
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        for name in ["b", "c", "a"] {
            let put = json!({"GroupName": "Bob", "PolicyName": name, "PolicyDocument": document});
            world.call("PutGroupPolicy", put).await;
        }
        let input = json!({"GroupName": "Bob", "MaxItems": 2});
        let page = world.call("ListGroupPolicies", input.clone()).await;
        assert_eq!((&page["PolicyNames"], &page["IsTruncated"]), (&json!(["a", "b"]), &json!(true)));
        let page =
            world.call("ListGroupPolicies", json!({"GroupName": "Bob", "Marker": page["Marker"]})).await;
        assert_eq!(page, json!({"PolicyNames": ["c"], "IsTruncated": false}));
        let missing = world.error("ListGroupPolicies", json!({"GroupName": "Nobody"})).await;
        assert_eq!(
            missing,
            ("NoSuchEntityException", "The group with name Nobody cannot be found.".to_owned())
        );
        let (action, resource) = world.demands("ListGroupPolicies", input).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ListGroupPolicies", "arn:aws:iam::111122223333:group/a/Bob")
        );
    }
}
