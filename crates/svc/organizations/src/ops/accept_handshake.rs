//! `AcceptHandshake`. Source: Organizations API Reference, "AcceptHandshake".
//!
//! Action `organizations:AcceptHandshake` on the handshake; for the account that it was sent to.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::accept;
use crate::act::Act;
use crate::records::{Action, HandshakeState};
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::AcceptHandshake {
    const ACCESS: Access = Access::write("organizations:AcceptHandshake");
    const CALLERS: Callers = Callers::Anyone;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.handshake_id])
    }

    async fn act(
        service: &Organizations,
        cx: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let repo = service.repo();
        let (handshake, was) = repo.find_handshake(&input.handshake_id).await?;
        let (standing, _) = repo.standing_of(cx.account().as_str()).await?;
        let sent_to_caller = handshake.party.is(cx.account().as_str(), &standing);
        let finalizes =
            handshake.action == Action::EnableAllFeatures && handshake.was_sent_by(scene.seat_if_any());
        if !sent_to_caller && !finalizes {
            return Err(handshake.refuse_stranger(scene.seat_if_any()));
        }
        handshake.check_alive(HandshakeState::Accepted)?;
        let writes = match handshake.action {
            Action::Invite => accept::join(service, cx, &handshake, was).await?,
            Action::EnableAllFeatures => accept::enable_all_features(service, cx, &handshake, was).await?,
            Action::ApproveAllFeatures => accept::approve_all_features(repo, cx, &handshake, was).await?,
            Action::TransferResponsibility => {
                accept::transfer(repo, cx, scene.seat()?, &handshake, was).await?
            }
        };
        let accepted = handshake.ended(HandshakeState::Accepted, cx.time.as_millis());
        let output = types::AcceptHandshakeResponse { handshake: Some(accepted.shown()) };
        Ok(Reply::with_writes(output, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, OTHER, World, text};

    #[tokio::test]
    async fn who_accepts_an_invitation_is_a_member() {
        let world = World::with_types(&["SERVICE_CONTROL_POLICY"]).await;
        let input = json!({
            "Target": {"Id": OTHER, "Type": "ACCOUNT"}, "Tags": [{"Key": "k", "Value": "v"}],
        });
        let id = text(&world.ok("InviteAccountToOrganization", input).await["Handshake"]["Id"]);
        let accept = json!({"HandshakeId": id});
        for account in [MANAGEMENT, "777788889999"] {
            world.refused_as(account, "AcceptHandshake", accept.clone()).await;
        }
        let accepted = world.ok_as(OTHER, "AcceptHandshake", accept.clone()).await;
        assert_eq!(accepted["Handshake"]["State"], "ACCEPTED");
        let shown = world.ok("DescribeAccount", json!({"AccountId": OTHER})).await["Account"].take();
        assert_eq!(shown["JoinedMethod"], "INVITED");
        let tags = world.ok("ListTagsForResource", json!({"ResourceId": OTHER})).await;
        assert_eq!(tags["Tags"], json!([{"Key": "k", "Value": "v"}]));
        assert_eq!(world.membership(OTHER).await.service_control.len(), 2);
        assert_eq!(
            world.refused_as(OTHER, "AcceptHandshake", accept).await,
            "HandshakeAlreadyInStateException"
        );
        let input = json!({"HandshakeId": "h-00000000"});
        assert_eq!(world.refused_as(OTHER, "AcceptHandshake", input).await, "HandshakeNotFoundException");
    }

    #[tokio::test]
    async fn an_account_by_its_email_and_one_that_comes_from_elsewhere() {
        let world = World::new().await;
        world.ok_as(OTHER, "CreateOrganization", json!({})).await;
        let member = world.account("a").await;
        let invite = |id: &str, kind: &str| json!({"Target": {"Id": id, "Type": kind}});
        let sent = world.ok_as(OTHER, "InviteAccountToOrganization", invite("A@example.com", "EMAIL")).await;
        world.ok_as(&member, "AcceptHandshake", json!({"HandshakeId": sent["Handshake"]["Id"]})).await;
        assert_eq!(
            world.refused("DescribeAccount", json!({"AccountId": member})).await,
            "AccountNotFoundException"
        );
        world.ok_as(OTHER, "DescribeAccount", json!({"AccountId": member})).await;
        let sent = world.ok("InviteAccountToOrganization", invite(OTHER, "ACCOUNT")).await;
        let input = json!({"HandshakeId": sent["Handshake"]["Id"]});
        assert_eq!(
            world.refused_as(OTHER, "AcceptHandshake", input).await,
            "MasterCannotLeaveOrganizationException"
        );
    }

    #[tokio::test]
    async fn an_invitation_expires_and_is_forgotten() {
        let world = World::new().await;
        let id = world.send_invitation(OTHER).await;
        let input = json!({"HandshakeId": id});
        world.advance(16).await;
        let shown = world.ok("DescribeHandshake", input.clone()).await;
        assert_eq!(shown["Handshake"]["State"], "EXPIRED");
        assert_eq!(
            world.refused_as(OTHER, "AcceptHandshake", input.clone()).await,
            "InvalidHandshakeTransitionException"
        );
        world.advance(30).await;
        assert_eq!(world.refused("DescribeHandshake", input).await, "HandshakeNotFoundException");
        assert_eq!(world.ok("ListHandshakesForOrganization", json!({})).await["Handshakes"], json!([]));
    }
}
