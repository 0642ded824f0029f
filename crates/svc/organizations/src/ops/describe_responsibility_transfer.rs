//! `DescribeResponsibilityTransfer`. Source: Organizations API Reference, "DescribeResponsibilityTransfer".
//!
//! Action `organizations:DescribeResponsibilityTransfer` on the transfer.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::DescribeResponsibilityTransfer {
    const ACCESS: Access = Access::read("organizations:DescribeResponsibilityTransfer");
    const CALLERS: Callers = Callers::Management;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.id])
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, org) = (service.repo(), &scene.seat()?.org);
        let (transfer, _) = repo.find_transfer(&org.id, &input.id).await?;
        Ok(Reply::new(types::DescribeResponsibilityTransferResponse {
            responsibility_transfer: Some(transfer.shown(&org.management)),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn strangers_find_nothing() {
        let world = World::new().await;
        let input = json!({"Id": "rt-00000000"});
        assert_eq!(
            world.refused("DescribeResponsibilityTransfer", input).await,
            "ResponsibilityTransferNotFoundException"
        );
    }
}
