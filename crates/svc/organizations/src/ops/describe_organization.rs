//! `DescribeOrganization`. Source: Organizations API Reference, "DescribeOrganization".
//!
//! Action `organizations:DescribeOrganization` on no resource; for every account of the organization.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::DescribeOrganization {
    const ACCESS: Access = Access::read("organizations:DescribeOrganization");
    const CALLERS: Callers = Callers::Members;

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
        let (management, _) = repo.standing_of(&org.management).await?;
        Ok(Reply::new(types::DescribeOrganizationResponse {
            organization: Some(org.shown(&management.email)),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World};

    #[tokio::test]
    async fn every_account_of_the_organization_may_look() {
        let world = World::new().await;
        let own = world.ok("DescribeOrganization", json!({})).await;
        let member = world.account("a").await;
        assert_eq!(world.ok_as(&member, "DescribeOrganization", json!({})).await, own);
        assert_eq!(
            world.refused_as(OTHER, "DescribeOrganization", json!({})).await,
            "AWSOrganizationsNotInUseException"
        );
    }
}
