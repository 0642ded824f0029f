//! `TerminateResponsibilityTransfer`. Source: Organizations API Reference, "TerminateResponsibilityTransfer".
//!
//! Action `organizations:TerminateResponsibilityTransfer` on the transfer.

use garrison_api_organizations::{errors, operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::records::{Transfer, TransferState};
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::transfers;

impl Act for operations::TerminateResponsibilityTransfer {
    const ACCESS: Access = Access::write("organizations:TerminateResponsibilityTransfer");
    const CALLERS: Callers = Callers::Management;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.id])
    }

    async fn act(
        service: &Organizations,
        cx: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        let (transfer, was) = repo.find_transfer(&org.id, &input.id).await?;
        match transfer.state {
            TransferState::Accepted => {}
            TransferState::Withdrawn => {
                return Err(errors::responsibility_transfer_already_in_status_exception(
                    "The transfer is already in the requested status.",
                ));
            }
            _ => {
                return Err(errors::invalid_responsibility_transfer_transition_exception(
                    "The transfer can't transition to the requested status.",
                ));
            }
        }
        let ends = transfers::end(input.end_timestamp, cx.time)?;
        let ended = Transfer { state: TransferState::Withdrawn, ends: Some(ends), ..transfer };
        let mut change = seat.change();
        change.transfer(&ended, Some(was));
        let output = types::TerminateResponsibilityTransferResponse {
            responsibility_transfer: Some(ended.shown(&org.management)),
        };
        Ok(Reply::with_writes(output, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World};

    #[tokio::test]
    async fn a_transfer_ends_with_a_month() {
        let world = World::new().await;
        world.ok_as(OTHER, "CreateOrganization", json!({})).await;
        let input = json!({
            "Type": "BILLING", "Target": {"Id": OTHER, "Type": "ACCOUNT"},
            "StartTimestamp": 1_801_440_000, "SourceName": "them",
        });
        let sent = world.ok("InviteOrganizationToTransferResponsibility", input).await;
        world.ok_as(OTHER, "AcceptHandshake", json!({"HandshakeId": sent["Handshake"]["Id"]})).await;
        let listed = world.ok("ListInboundResponsibilityTransfers", json!({"Type": "BILLING"})).await;
        let id = listed["ResponsibilityTransfers"][0]["Id"].clone();
        for (end, expected) in [
            (1_801_439_000.0, "InvalidInputException: END_DATE_NOT_END_OF_MONTH"),
            (1_798_761_599.999, "InvalidInputException: END_DATE_TOO_EARLY"),
        ] {
            let input = json!({"Id": id, "EndTimestamp": end});
            assert_eq!(world.refused("TerminateResponsibilityTransfer", input).await, expected);
        }
        let input = json!({"Id": id, "EndTimestamp": 1_801_439_999.999});
        world.ok_as(OTHER, "TerminateResponsibilityTransfer", input.clone()).await;
        assert_eq!(
            world.refused("TerminateResponsibilityTransfer", input).await,
            "ResponsibilityTransferAlreadyInStatusException"
        );
        assert_eq!(
            world.refused("TerminateResponsibilityTransfer", json!({"Id": "rt-00000000"})).await,
            "ResponsibilityTransferNotFoundException"
        );
    }
}
