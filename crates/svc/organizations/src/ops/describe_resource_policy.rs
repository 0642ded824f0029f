//! `DescribeResourcePolicy`. Source: Organizations API Reference, "DescribeResourcePolicy".
//!
//! Action `organizations:DescribeResourcePolicy` on no resource.

use garrison_api_organizations::{errors, operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::DescribeResourcePolicy {
    const ACCESS: Access = Access::read("organizations:DescribeResourcePolicy");
    const CALLERS: Callers = Callers::Readers;

    fn asked(_: &Self::Input) -> Asked<'_> {
        Asked::nothing()
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        _: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, org) = (service.repo(), &scene.seat()?.org);
        let policy = repo.resource_policy(&org.id).await?.ok_or_else(|| {
            errors::resource_policy_not_found_exception("The organization doesn't have a resource policy.")
        })?;
        Ok(Reply::new(types::DescribeResourcePolicyResponse { resource_policy: Some(policy.shown(org)) }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn there_is_none_at_first() {
        let world = World::new().await;
        assert_eq!(
            world.refused("DescribeResourcePolicy", json!({})).await,
            "ResourcePolicyNotFoundException"
        );
    }
}
