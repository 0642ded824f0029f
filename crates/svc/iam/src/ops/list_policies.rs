//! `ListPolicies`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html>
//!
//! Own policies come first, then AWS's, each in the order of their names.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::attachments;
use crate::managed;
use crate::managed_policies;
use crate::names;
use crate::paging::{Paging, has_prefix};
use crate::records::ManagedPolicy;
use crate::service::Iam;

impl Handler<Iam> for operations::ListPolicies {
    const ACCESS: Access = Access::read("iam:ListPolicies");
    type Target = Paging;

    async fn resolve(_: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let arn = names::arn(cx.partition(), cx.account(), "policy", prefix, "");
        Ok(Resolved::new(
            paging,
            Check::resource(arn, cx.account()).shown_as(format!("policy path {prefix}")),
        ))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (account, partition) = (cx.account(), cx.partition());
        let scope = input.scope.as_ref().unwrap_or(&types::PolicyScopeType::All);
        let usages = attachments::usages(iam, account).await?;
        let mut all = Vec::new();
        if *scope != types::PolicyScopeType::Aws {
            for policy in iam.repo().all::<ManagedPolicy>(account).await? {
                let usage = usages.of(&policy.id);
                all.push(managed_policies::customer_to_api(&policy, partition, account, usage));
            }
        }
        if *scope != types::PolicyScopeType::Local {
            let aws = managed::all().iter();
            all.extend(
                aws.map(|policy| managed_policies::aws_to_api(policy, partition, usages.of(policy.id))),
            );
        }
        all.retain(|policy| is_wanted(input, policy));
        let page = target.page_of(all, place);
        Ok(Reply::new(types::ListPoliciesResponse {
            is_truncated: page.is_truncated(),
            policies: Some(page.items),
            marker: page.marker,
        }))
    }
}

/// Whether the input's filters let a policy through.
fn is_wanted(input: &types::ListPoliciesRequest, policy: &types::Policy) -> bool {
    let used = |count: Option<i32>| count.is_some_and(|count| count > 0);
    let (attached, bounding) = (used(policy.attachment_count), used(policy.permissions_boundary_usage_count));
    let as_wanted = match &input.policy_usage_filter {
        Some(types::PolicyUsageType::PermissionsPolicy) => attached,
        Some(types::PolicyUsageType::PermissionsBoundary) => bounding,
        _ => input.only_attached != Some(true) || attached || bounding,
    };
    as_wanted && has_prefix(policy.path.as_deref().unwrap_or("/"), input.path_prefix.as_deref())
}

/// Where a policy stands in the list. Names of own policies are unique whatever their case.
fn place(policy: &types::Policy) -> String {
    let name = policy.policy_name.as_deref().unwrap_or_default();
    match policy.arn.as_deref().is_some_and(|arn| arn.contains("::aws:")) {
        false => format!("1{}", name.to_ascii_lowercase()),
        true => format!("2{name}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let own = world.policy("Own").await;
        world.policy("other").await;
        world.role("App").await;
        world.call("AttachRolePolicy", json!({"RoleName": "App", "PolicyArn": own})).await;
        let aws = "arn:aws:iam::aws:policy/PowerUserAccess";
        world
            .call("PutRolePermissionsBoundary", json!({"RoleName": "App", "PermissionsBoundary": aws}))
            .await;
        let names = |found: &serde_json::Value| {
            let policies = found["Policies"].as_array().unwrap();
            policies
                .iter()
                .map(|policy| policy["PolicyName"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        for (input, expected) in [
            (json!({"Scope": "Local"}), vec!["other", "Own"]),
            (json!({"OnlyAttached": true}), vec!["Own", "PowerUserAccess"]),
            (json!({"OnlyAttached": true, "Scope": "AWS"}), vec!["PowerUserAccess"]),
            (json!({"PolicyUsageFilter": "PermissionsPolicy"}), vec!["Own"]),
            (json!({"PolicyUsageFilter": "PermissionsBoundary"}), vec!["PowerUserAccess"]),
            (json!({"Scope": "Local", "PathPrefix": "/a/"}), vec![]),
        ] {
            assert_eq!(names(&world.call("ListPolicies", input.clone()).await), expected, "{input}");
        }
        let (mut all, mut marker) = (Vec::new(), None);
        loop {
            let page = world.call("ListPolicies", json!({"MaxItems": 150, "Marker": marker})).await;
            all.append(&mut names(&page));
            marker = page.get("Marker").cloned();
            if marker.is_none() {
                break;
            }
        }
        assert_eq!(all.len(), 2 + crate::managed::all().len());
        let (action, resource) = world.demands("ListPolicies", json!({})).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ListPolicies", "arn:aws:iam::111122223333:policy/")
        );
    }
}
