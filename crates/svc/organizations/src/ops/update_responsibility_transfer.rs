//! `UpdateResponsibilityTransfer`. Source: Organizations API Reference, "UpdateResponsibilityTransfer".
//!
//! Action `organizations:UpdateResponsibilityTransfer` on the transfer.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::error::{self, Constraint};
use crate::records::Transfer;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::UpdateResponsibilityTransfer {
    const ACCESS: Access = Access::write("organizations:UpdateResponsibilityTransfer");
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
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        let (transfer, was) = repo.find_transfer(&org.id, &input.id).await?;
        if transfer.target.organization != org.id {
            return Err(error::constraint(
                Constraint::TransferResponsibilityUpdateNotAllowed,
                "You cannot update this transfer.",
            ));
        }
        let renamed = Transfer { name: input.name.to_string(), ..transfer };
        let mut change = seat.change();
        change.transfer(&renamed, Some(was));
        let output = types::UpdateResponsibilityTransferResponse {
            responsibility_transfer: Some(renamed.shown(&org.management)),
        };
        Ok(Reply::with_writes(output, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World};

    #[tokio::test]
    async fn only_who_asked_names_a_transfer() {
        let world = World::new().await;
        world.ok_as(OTHER, "CreateOrganization", json!({})).await;
        let input = json!({
            "Type": "BILLING", "Target": {"Id": OTHER, "Type": "ACCOUNT"},
            "StartTimestamp": 1_801_440_000, "SourceName": "them",
        });
        world.ok("InviteOrganizationToTransferResponsibility", input).await;
        let listed = world.ok("ListInboundResponsibilityTransfers", json!({"Type": "BILLING"})).await;
        let input = json!({"Id": listed["ResponsibilityTransfers"][0]["Id"], "Name": "n"});
        assert_eq!(
            world.refused_as(OTHER, "UpdateResponsibilityTransfer", input.clone()).await,
            "ConstraintViolationException: TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED"
        );
        let updated = world.ok("UpdateResponsibilityTransfer", input).await;
        assert_eq!(updated["ResponsibilityTransfer"]["Name"], "n");
        let input = json!({"Id": "rt-00000000", "Name": "n"});
        assert_eq!(
            world.refused("UpdateResponsibilityTransfer", input).await,
            "ResponsibilityTransferNotFoundException"
        );
    }
}
