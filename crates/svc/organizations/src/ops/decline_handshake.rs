//! `DeclineHandshake`. Source: Organizations API Reference, "DeclineHandshake".
//!
//! Action `organizations:DeclineHandshake` on the handshake; for the account that it was sent to.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::act::Act;
use crate::records::HandshakeState;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::DeclineHandshake {
    const ACCESS: Access = Access::write("organizations:DeclineHandshake");
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
        if !handshake.party.is(cx.account().as_str(), &standing) {
            return Err(handshake.refuse_stranger(scene.seat_if_any()));
        }
        handshake.check_alive(HandshakeState::Declined)?;
        let mut writes = WriteSet::new();
        let now = cx.time.as_millis();
        let ended = repo.end_handshake(&mut writes, (handshake, was), HandshakeState::Declined, now).await?;
        let output = types::DeclineHandshakeResponse { handshake: Some(ended.shown()) };
        Ok(Reply::with_writes(output, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World};

    #[tokio::test]
    async fn who_was_asked_may_decline() {
        let world = World::new().await;
        let input = json!({"HandshakeId": world.send_invitation(OTHER).await});
        assert_eq!(world.refused("DeclineHandshake", input.clone()).await, "AccessDeniedException");
        let declined = world.ok_as(OTHER, "DeclineHandshake", input.clone()).await;
        assert_eq!(declined["Handshake"]["State"], "DECLINED");
        for (operation, expected) in [
            ("DeclineHandshake", "HandshakeAlreadyInStateException"),
            ("AcceptHandshake", "InvalidHandshakeTransitionException"),
        ] {
            assert_eq!(world.refused_as(OTHER, operation, input.clone()).await, expected);
        }
        let input = json!({"HandshakeId": "h-00000000"});
        assert_eq!(world.refused_as(OTHER, "DeclineHandshake", input).await, "HandshakeNotFoundException");
        world.send_invitation(OTHER).await;
    }
}
