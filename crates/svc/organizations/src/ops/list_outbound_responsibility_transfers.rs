//! `ListOutboundResponsibilityTransfers`. Source: Organizations API Reference, "ListOutboundResponsibilityTransfers".
//!
//! Action `organizations:ListOutboundResponsibilityTransfers` on no resource.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::paging::Paging;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::transfers;

impl Act for operations::ListOutboundResponsibilityTransfers {
    const ACCESS: Access = Access::read("organizations:ListOutboundResponsibilityTransfers");
    const CALLERS: Callers = Callers::Management;

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
        let paging = Paging::new(input.max_results, input.next_token.as_deref())?;
        transfers::check_type(&input.r#type)?;
        let found = repo.transfers(&org.id, "outbound").await?;
        let (page, next_token) = paging.select(found, |transfer| &transfer.id);
        let shown = page.iter().map(|transfer| transfer.shown(&org.management));
        Ok(Reply::new(types::ListOutboundResponsibilityTransfersResponse {
            responsibility_transfers: Some(shown.collect()),
            next_token,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn there_is_none_at_first() {
        let world = World::new().await;
        let listed = world.ok("ListOutboundResponsibilityTransfers", json!({"Type": "BILLING"})).await;
        assert_eq!(listed["ResponsibilityTransfers"], json!([]));
        assert_eq!(
            world.refused("ListOutboundResponsibilityTransfers", json!({"Type": "X"})).await,
            "InvalidInputException: INVALID_ENUM"
        );
    }
}
