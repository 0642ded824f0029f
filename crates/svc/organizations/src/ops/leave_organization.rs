//! `LeaveOrganization`. Source: Organizations API Reference, "LeaveOrganization".
//!
//! Action `organizations:LeaveOrganization` on no resource.

use garrison_api_organizations::operations;
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Unit};

use crate::act::Act;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::LeaveOrganization {
    const ACCESS: Access = Access::write("organizations:LeaveOrganization");
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
        let seat = scene.seat()?;
        let writes = service.repo().depart(seat, seat.account.as_str()).await?;
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World};

    #[tokio::test]
    async fn a_member_may_leave() {
        let world = World::new().await;
        world.invite(OTHER).await;
        assert!(world.membership(OTHER).await.organization.is_some());
        world.ok_as(OTHER, "LeaveOrganization", json!({})).await;
        assert!(world.membership(OTHER).await.organization.is_none());
        assert_eq!(
            world.refused_as(OTHER, "LeaveOrganization", json!({})).await,
            "AWSOrganizationsNotInUseException"
        );
        assert_eq!(
            world.refused("LeaveOrganization", json!({})).await,
            "MasterCannotLeaveOrganizationException"
        );
    }
}
