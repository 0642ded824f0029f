//! `ListTargetsForPolicy`. Source: Organizations API Reference, "ListTargetsForPolicy".
//!
//! Action `organizations:ListTargetsForPolicy` on the policy.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::error;
use crate::paging::Paging;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::tree::Node;
use crate::view::ROOT_NAME;

impl Act for operations::ListTargetsForPolicy {
    const ACCESS: Access = Access::read("organizations:ListTargetsForPolicy");
    const CALLERS: Callers = Callers::Readers;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.policy_id])
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, org) = (service.repo(), &scene.seat()?.org);
        let paging = Paging::new(input.max_results, input.next_token.as_deref())?;
        let policy = repo.policy(&org.id, &input.policy_id).await?.ok_or_else(error::policy_not_found)?;
        let targets = repo.targets(&org.id, &policy.id).await?;
        let (ids, next_token) = paging.select(targets, String::as_str);
        let mut targets = Vec::with_capacity(ids.len());
        for id in ids {
            let names = org.names();
            let (arn, name, kind) = match repo.target(org, &id).await? {
                Node::Root => (names.root(&id), ROOT_NAME.to_owned(), types::TargetType::Root),
                Node::Unit(unit) => (names.unit(&id), unit.name, types::TargetType::OrganizationalUnit),
                Node::Account(account) => (names.account(&id), account.name, types::TargetType::Account),
            };
            targets.push(types::PolicyTargetSummary {
                target_id: Some(id),
                arn: Some(arn),
                name: Some(name),
                r#type: Some(kind),
            });
        }
        Ok(Reply::new(types::ListTargetsForPolicyResponse { targets: Some(targets), next_token }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, deny, each};

    #[tokio::test]
    async fn targets_are_roots_units_and_accounts() {
        let world = World::with_types(&["SERVICE_CONTROL_POLICY"]).await;
        let root = world.root().await;
        let (unit, account) = (world.unit(&root, "u").await, world.account("a").await);
        let policy = world.policy("SERVICE_CONTROL_POLICY", "p", &deny("s3:*")).await;
        for target in [&root, &unit, &account] {
            world.attach(&policy, target).await;
        }
        let listed = world.ok("ListTargetsForPolicy", json!({"PolicyId": policy})).await;
        assert_eq!(each(&listed["Targets"], "Type"), ["ACCOUNT", "ORGANIZATIONAL_UNIT", "ROOT"]);
        assert_eq!(each(&listed["Targets"], "Name"), ["Root", "a", "u"]);
        let listed = world.ok("ListTargetsForPolicy", json!({"PolicyId": "p-FullAWSAccess"})).await;
        assert_eq!(listed["Targets"].as_array().unwrap().len(), 4);
        let input = json!({"PolicyId": "p-0000000000"});
        assert_eq!(world.refused("ListTargetsForPolicy", input).await, "PolicyNotFoundException");
    }
}
