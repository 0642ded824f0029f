//! `DescribePolicy`. Source: Organizations API Reference, "DescribePolicy".
//!
//! Action `organizations:DescribePolicy` on the policy.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::error;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::DescribePolicy {
    const ACCESS: Access = Access::read("organizations:DescribePolicy");
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
        let policy = repo.policy(&org.id, &input.policy_id).await?.ok_or_else(error::policy_not_found)?;
        Ok(Reply::new(types::DescribePolicyResponse { policy: Some(policy.shown(org)) }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn the_policies_of_aws_are_shown_too() {
        let world = World::new().await;
        let shown = world.ok("DescribePolicy", json!({"PolicyId": "p-FullAWSAccess"})).await["Policy"].take();
        assert_eq!(
            shown["PolicySummary"]["Arn"],
            "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"
        );
        assert_eq!(shown["PolicySummary"]["AwsManaged"], true);
        let input = json!({"PolicyId": "p-0000000000"});
        assert_eq!(world.refused("DescribePolicy", input).await, "PolicyNotFoundException");
    }
}
