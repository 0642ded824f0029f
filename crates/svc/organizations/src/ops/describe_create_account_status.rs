//! `DescribeCreateAccountStatus`. Source: Organizations API Reference, "DescribeCreateAccountStatus".
//!
//! Action `organizations:DescribeCreateAccountStatus` on no resource.

use garrison_api_organizations::{errors, operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::DescribeCreateAccountStatus {
    const ACCESS: Access = Access::read("organizations:DescribeCreateAccountStatus");
    const CALLERS: Callers = Callers::Readers;

    fn asked(_: &Self::Input) -> Asked<'_> {
        Asked::nothing()
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, org) = (service.repo(), &scene.seat()?.org);
        let creation = repo.creation(&org.id, &input.create_account_request_id).await?.ok_or_else(|| {
            errors::create_account_status_not_found_exception(
                "You specified a create account request that doesn't exist.",
            )
        })?;
        Ok(Reply::new(types::DescribeCreateAccountStatusResponse {
            create_account_status: Some(creation.shown()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn requests_that_never_were_are_not_found() {
        let world = World::new().await;
        let input = json!({"CreateAccountRequestId": "car-00000000000000000000000000000000"});
        assert_eq!(
            world.refused("DescribeCreateAccountStatus", input).await,
            "CreateAccountStatusNotFoundException"
        );
    }
}
