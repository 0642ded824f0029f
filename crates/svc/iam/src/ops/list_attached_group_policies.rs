//! `ListAttachedGroupPolicies`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedGroupPolicies.html>

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::attachments;
use crate::entity::Named;
use crate::paging::Paging;
use crate::records::Group;
use crate::service::Iam;

impl Handler<Iam> for operations::ListAttachedGroupPolicies {
    const ACCESS: Access = Access::read("iam:ListAttachedGroupPolicies");
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
        let page = attachments::attached(&target.get()?.policies, input.path_prefix.as_deref(), &paging);
        Ok(Reply::new(types::ListAttachedGroupPoliciesResponse {
            is_truncated: page.is_truncated(),
            attached_policies: Some(page.items),
            marker: page.marker,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    const OPERATION: &str = "ListAttachedGroupPolicies";

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.call("CreateGroup", json!({"GroupName": "Bob", "Path": "/a/"})).await;
        for name in ["AdministratorAccess", "job-function/ViewOnlyAccess", "SecurityAudit"] {
            let arn = format!("arn:aws:iam::aws:policy/{name}");
            world.call("AttachGroupPolicy", json!({"GroupName": "Bob", "PolicyArn": arn})).await;
        }
        let input = json!({"GroupName": "Bob", "MaxItems": 2});
        let page = world.call(OPERATION, input.clone()).await;
        assert_eq!(page["IsTruncated"], true);
        assert_eq!(
            page["AttachedPolicies"],
            json!([
                {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
                {"PolicyName": "ViewOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"},
            ])
        );
        let page = world.call(OPERATION, json!({"GroupName": "Bob", "Marker": page["Marker"]})).await;
        assert_eq!(page["AttachedPolicies"][0]["PolicyName"], "SecurityAudit");
        let jobs = world.call(OPERATION, json!({"GroupName": "Bob", "PathPrefix": "/job-function/"})).await;
        assert_eq!(jobs["AttachedPolicies"].as_array().unwrap().len(), 1);
        let missing = world.error(OPERATION, json!({"GroupName": "Nobody"})).await;
        assert_eq!(
            missing,
            ("NoSuchEntityException", "The group with name Nobody cannot be found.".to_owned())
        );
        let (action, resource) = world.demands(OPERATION, input).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ListAttachedGroupPolicies", "arn:aws:iam::111122223333:group/a/Bob")
        );
    }
}
