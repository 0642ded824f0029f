//! `ListPolicies`. Source: Organizations API Reference, "ListPolicies".
//!
//! Action `organizations:ListPolicies` on no resource, with `organizations:PolicyType`.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::paging::Paging;
use crate::policies;
use crate::records::FeatureSet;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::ListPolicies {
    const ACCESS: Access = Access::read("organizations:ListPolicies");
    const CALLERS: Callers = Callers::Readers;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::nothing().policy_type(input.filter.as_str())
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
        let mut found = repo.policies(&org.id).await?;
        found.retain(|policy| policy.kind == kind.name);
        if org.features == FeatureSet::All {
            found.extend(policies::default_of(kind.name).and_then(policies::managed));
        }
        let (page, next_token) = paging.select(found, |policy| &policy.id);
        Ok(Reply::new(types::ListPoliciesResponse {
            policies: Some(page.iter().map(|policy| policy.summary(org)).collect()),
            next_token,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, deny, each};

    #[tokio::test]
    async fn policies_are_listed_by_type() {
        let world = World::new().await;
        world.policy("SERVICE_CONTROL_POLICY", "p", &deny("s3:*")).await;
        for (kind, expected) in [
            ("SERVICE_CONTROL_POLICY", &["FullAWSAccess", "p"][..]),
            ("RESOURCE_CONTROL_POLICY", &["RCPFullAWSAccess"]),
            ("TAG_POLICY", &[]),
        ] {
            let listed = world.ok("ListPolicies", json!({"Filter": kind})).await;
            assert_eq!(each(&listed["Policies"], "Name"), expected);
        }
        assert_eq!(
            world.refused("ListPolicies", json!({"Filter": "X"})).await,
            "InvalidInputException: INVALID_ENUM_POLICY_TYPE"
        );
    }
}
