//! `InviteOrganizationToTransferResponsibility`. Source: Organizations API Reference, "InviteOrganizationToTransferResponsibility".
//!
//! Action `organizations:InviteOrganizationToTransferResponsibility` on the account, where it is named by its number; with tags `organizations:TagResource` too.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::handshakes;
use crate::id;
use crate::records::{Action, Handshake, Participant, Transfer, TransferState};
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::tags;
use crate::transfers;

impl Act for operations::InviteOrganizationToTransferResponsibility {
    const ACCESS: Access = Access::write("organizations:InviteOrganizationToTransferResponsibility");
    const CALLERS: Callers = Callers::Management;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.target.id]).creating(input.tags.as_deref())
    }

    async fn act(
        service: &Organizations,
        cx: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        transfers::check_type(&input.r#type)?;
        transfers::check_start(input.start_timestamp, cx.time)?;
        let party = handshakes::party(&input.target)?;
        let source = repo.source_of_transfer(org, &party).await?;
        let (management, _) = repo.standing_of(&org.management).await?;
        let now = cx.time.as_millis();
        let id = id::new(service.kernel(), "rt-", 32);
        let handshake = Handshake {
            notes: input.notes.as_ref().map(|notes| notes.to_string()),
            transfer: Some(id.clone()),
            ..Handshake::new(service, org, &management, Action::TransferResponsibility, party, now)
        };
        let transfer = Transfer {
            id,
            name: input.source_name.to_string(),
            state: TransferState::Requested,
            source,
            target: Participant {
                account: org.management.clone(),
                email: management.email,
                organization: org.id.clone(),
            },
            starts: input.start_timestamp.as_millis(),
            ends: None,
            handshake: Some(handshake.id.clone()),
            tags: tags::of(input.tags.as_deref())?,
        };
        let mut change = seat.change();
        change.send(&handshake);
        change.transfer(&transfer, None);
        let output =
            types::InviteOrganizationToTransferResponsibilityResponse { handshake: Some(handshake.shown()) };
        Ok(Reply::with_writes(output, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, OTHER, World, each, text};

    /// 2027-02-01T00:00:00Z.
    const FEBRUARY: i64 = 1_801_440_000;

    fn invite(account: &str, start: i64) -> serde_json::Value {
        json!({
            "Type": "BILLING", "Target": {"Id": account, "Type": "ACCOUNT"}, "StartTimestamp": start, "SourceName": "them",
        })
    }

    #[tokio::test]
    async fn a_transfer_is_asked_for_accepted_renamed_and_ended() {
        let world = World::new().await;
        world.ok_as(OTHER, "CreateOrganization", json!({})).await;
        let sent = world.ok("InviteOrganizationToTransferResponsibility", invite(OTHER, FEBRUARY)).await;
        let handshake = sent["Handshake"]["Id"].clone();
        assert_eq!(sent["Handshake"]["Action"], "TRANSFER_RESPONSIBILITY");
        let inbound = world.ok("ListInboundResponsibilityTransfers", json!({"Type": "BILLING"})).await;
        let transfer = inbound["ResponsibilityTransfers"][0].clone();
        assert_eq!(transfer["Status"], "REQUESTED");
        assert_eq!(transfer["ActiveHandshakeId"], handshake);
        assert_eq!(transfer["Source"]["ManagementAccountId"], OTHER);
        let id = json!({"Id": transfer["Id"]});
        assert_eq!(
            world.refused("TerminateResponsibilityTransfer", id.clone()).await,
            "InvalidResponsibilityTransferTransitionException"
        );
        world.ok_as(OTHER, "AcceptHandshake", json!({"HandshakeId": handshake})).await;
        let shown = world.ok_as(OTHER, "DescribeResponsibilityTransfer", id.clone()).await;
        assert_eq!(shown["ResponsibilityTransfer"]["Status"], "ACCEPTED");
        assert!(text(&shown["ResponsibilityTransfer"]["Arn"]).contains("/billing/outbound/rt-"));
        let renamed = json!({"Id": transfer["Id"], "Name": "other"});
        world.ok("UpdateResponsibilityTransfer", renamed).await;
        let outbound =
            world.ok_as(OTHER, "ListOutboundResponsibilityTransfers", json!({"Type": "BILLING"})).await;
        assert_eq!(each(&outbound["ResponsibilityTransfers"], "Name"), ["other"]);
        let ended = world.ok("TerminateResponsibilityTransfer", id).await;
        assert_eq!(ended["ResponsibilityTransfer"]["Status"], "WITHDRAWN");
    }

    #[tokio::test]
    async fn what_cannot_be_transferred_is_refused() {
        let world = World::new().await;
        world.ok_as(OTHER, "CreateOrganization", json!({})).await;
        let member = world.account("a").await;
        for (account, start, expected) in [
            (OTHER, FEBRUARY + 86_400, "InvalidInputException: START_DATE_NOT_BEGINNING_OF_MONTH"),
            (OTHER, FEBRUARY + 1, "InvalidInputException: START_DATE_NOT_BEGINNING_OF_DAY"),
            (OTHER, FEBRUARY - 31 * 86_400, "InvalidInputException: START_DATE_TOO_EARLY"),
            (MANAGEMENT, FEBRUARY, "HandshakeConstraintViolationException: SOURCE_AND_TARGET_CANNOT_MATCH"),
            (&member, FEBRUARY, "HandshakeConstraintViolationException: TARGET_ACCOUNT_VALIDATION_FAILURE"),
            (
                "777788889999",
                FEBRUARY,
                "HandshakeConstraintViolationException: TARGET_ACCOUNT_VALIDATION_FAILURE",
            ),
        ] {
            let refused =
                world.refused("InviteOrganizationToTransferResponsibility", invite(account, start)).await;
            assert_eq!(refused, expected);
        }
        let mut input = invite(OTHER, FEBRUARY);
        world.ok("InviteOrganizationToTransferResponsibility", input.clone()).await;
        assert_eq!(
            world.refused("InviteOrganizationToTransferResponsibility", input.clone()).await,
            "HandshakeConstraintViolationException: RESPONSIBILITY_TRANSFER_ALREADY_EXISTS"
        );
        input["Type"] = json!("X");
        assert_eq!(
            world.refused("InviteOrganizationToTransferResponsibility", input).await,
            "InvalidInputException: INVALID_ENUM"
        );
    }
}
