//! `ListPoliciesForTarget`. Source: Organizations API Reference, "ListPoliciesForTarget".
//!
//! Action `organizations:ListPoliciesForTarget` on the root, unit or account, with `organizations:PolicyType`.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::paging::Paging;
use crate::policies;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::ListPoliciesForTarget {
    const ACCESS: Access = Access::read("organizations:ListPoliciesForTarget");
    const CALLERS: Callers = Callers::Readers;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.target_id]).policy_type(input.filter.as_str())
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, org) = (service.repo(), &scene.seat()?.org);
        let paging = Paging::new(input.max_results, input.next_token.as_deref())?;
        let kind = policies::kind(&input.filter)?;
        repo.target(org, &input.target_id).await?;
        let mut found = Vec::new();
        for (id, _) in repo.attached(&org.id, &input.target_id, kind.name).await? {
            found.extend(repo.policy(&org.id, &id).await?);
        }
        let (page, next_token) = paging.select(found, |policy| &policy.id);
        Ok(Reply::new(types::ListPoliciesForTargetResponse {
            policies: Some(page.iter().map(|policy| policy.summary(org)).collect()),
            next_token,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World, deny, each};

    #[tokio::test]
    async fn only_what_hangs_on_the_target_itself_is_listed() {
        let world = World::with_types(&["SERVICE_CONTROL_POLICY"]).await;
        let root = world.root().await;
        let account = world.account("a").await;
        let policy = world.policy("SERVICE_CONTROL_POLICY", "p", &deny("s3:*")).await;
        world.attach(&policy, &root).await;
        for (target, expected) in [(&root, &["FullAWSAccess", "p"][..]), (&account, &["FullAWSAccess"])] {
            let input = json!({"TargetId": target, "Filter": "SERVICE_CONTROL_POLICY"});
            let listed = world.ok("ListPoliciesForTarget", input).await;
            assert_eq!(each(&listed["Policies"], "Name"), expected);
        }
        let input = json!({"TargetId": OTHER, "Filter": "SERVICE_CONTROL_POLICY"});
        assert_eq!(world.refused("ListPoliciesForTarget", input).await, "TargetNotFoundException");
    }
}
