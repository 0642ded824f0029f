//! `EnableAllFeatures`. Source: Organizations API Reference, "EnableAllFeatures".
//!
//! Action `organizations:EnableAllFeatures` on no resource.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::error::{self, HandshakeConstraint};
use crate::records::{Action, FeatureSet, Handshake, HandshakeState, Joined, Party};
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::EnableAllFeatures {
    const ACCESS: Access = Access::write("organizations:EnableAllFeatures");
    const CALLERS: Callers = Callers::Management;

    fn asked(_: &Self::Input) -> Asked<'_> {
        Asked::nothing()
    }

    async fn act(
        service: &Organizations,
        cx: &Context,
        _: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        if org.features == FeatureSet::All {
            return Err(error::handshake_constraint(
                HandshakeConstraint::OrganizationAlreadyHasAllFeatures,
                "The organization already has all features enabled.",
            ));
        }
        let sent = repo.sent(&org.id).await?;
        let under_way = |handshake: &Handshake| {
            handshake.action == Action::EnableAllFeatures && handshake.state.is_alive()
        };
        if sent.iter().any(under_way) {
            return Err(error::handshake_constraint(
                HandshakeConstraint::OrganizationIsAlreadyPendingAllFeaturesMigration,
                "The organization has already started the process to enable all features.",
            ));
        }
        let (management, _) = repo.standing_of(&org.management).await?;
        let now = cx.time.as_millis();
        let new = |action, party| Handshake::new(service, org, &management, action, party, now);
        let mut whole = new(Action::EnableAllFeatures, Party::Organization);
        let mut change = seat.change();
        // Accounts that the organization made are its own; those that came by themselves are asked.
        for account in repo.accounts(&org.id).await? {
            if account.joined == Joined::Invited && account.id != org.management && account.closed.is_none() {
                let part = new(Action::ApproveAllFeatures, Party::Account(account.id));
                change.send(&Handshake { parent: Some(whole.id.clone()), ..part });
                whole.state = HandshakeState::Requested;
            }
        }
        change.send(&whole);
        let output = types::EnableAllFeaturesResponse { handshake: Some(whole.shown()) };
        Ok(Reply::with_writes(output, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World, each};

    async fn billing() -> World {
        let world = World::empty();
        world.ok("CreateOrganization", json!({"FeatureSet": "CONSOLIDATED_BILLING"})).await;
        world
    }

    #[tokio::test]
    async fn invited_accounts_approve_and_the_management_account_finishes() {
        let world = billing().await;
        world.invite(OTHER).await;
        world.account("a").await;
        let whole = world.ok("EnableAllFeatures", json!({})).await["Handshake"].take();
        assert_eq!((&whole["State"], &whole["Action"]), (&json!("REQUESTED"), &json!("ENABLE_ALL_FEATURES")));
        assert_eq!(
            world.refused("EnableAllFeatures", json!({})).await,
            "HandshakeConstraintViolationException: ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION"
        );
        let input = json!({"Target": {"Id": "777788889999", "Type": "ACCOUNT"}});
        assert_eq!(
            world.refused("InviteAccountToOrganization", input).await,
            "HandshakeConstraintViolationException: INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES"
        );
        let finish = json!({"HandshakeId": whole["Id"]});
        assert_eq!(
            world.refused("AcceptHandshake", finish.clone()).await,
            "InvalidHandshakeTransitionException"
        );
        let filter = json!({"Filter": {"ParentHandshakeId": whole["Id"]}});
        let parts = world.ok_as(OTHER, "ListHandshakesForAccount", filter).await;
        assert_eq!(each(&parts["Handshakes"], "Action"), ["APPROVE_ALL_FEATURES"]);
        world.ok_as(OTHER, "AcceptHandshake", json!({"HandshakeId": parts["Handshakes"][0]["Id"]})).await;
        world.ok("AcceptHandshake", finish).await;
        let org = world.ok("DescribeOrganization", json!({})).await;
        assert_eq!(org["Organization"]["FeatureSet"], "ALL");
        assert_eq!(
            world.refused("EnableAllFeatures", json!({})).await,
            "HandshakeConstraintViolationException: ORGANIZATION_ALREADY_HAS_ALL_FEATURES"
        );
    }

    #[tokio::test]
    async fn one_account_that_declines_ends_it() {
        let world = billing().await;
        world.invite(OTHER).await;
        let whole = world.ok("EnableAllFeatures", json!({})).await["Handshake"].take();
        let filter = json!({"Filter": {"ActionType": "APPROVE_ALL_FEATURES"}});
        let parts = world.ok_as(OTHER, "ListHandshakesForAccount", filter).await;
        world.ok_as(OTHER, "DeclineHandshake", json!({"HandshakeId": parts["Handshakes"][0]["Id"]})).await;
        let shown = world.ok("DescribeHandshake", json!({"HandshakeId": whole["Id"]})).await;
        assert_eq!(shown["Handshake"]["State"], "CANCELED");
        world.ok("EnableAllFeatures", json!({})).await;
    }

    #[tokio::test]
    async fn without_invited_accounts_it_can_be_finished_at_once_and_expires_after_ninety_days() {
        let world = billing().await;
        let whole = world.ok("EnableAllFeatures", json!({})).await["Handshake"].take();
        assert_eq!(whole["State"], "OPEN");
        world.advance(91).await;
        let shown = world.ok("DescribeHandshake", json!({"HandshakeId": whole["Id"]})).await;
        assert_eq!(shown["Handshake"]["State"], "EXPIRED");
        let whole = world.ok("EnableAllFeatures", json!({})).await["Handshake"].take();
        world.ok("AcceptHandshake", json!({"HandshakeId": whole["Id"]})).await;
    }
}
