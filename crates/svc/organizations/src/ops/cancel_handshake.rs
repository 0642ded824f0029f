//! `CancelHandshake`. Source: Organizations API Reference, "CancelHandshake".
//!
//! Action `organizations:CancelHandshake` on the handshake; for the account that sent it.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::act::Act;
use crate::error;
use crate::records::HandshakeState;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::CancelHandshake {
    const ACCESS: Access = Access::write("organizations:CancelHandshake");
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
        if !handshake.was_sent_by(scene.seat_if_any()) {
            return Err(error::not_permitted());
        }
        handshake.check_alive(HandshakeState::Canceled)?;
        let mut writes = WriteSet::new();
        let now = cx.time.as_millis();
        let ended = repo.end_handshake(&mut writes, (handshake, was), HandshakeState::Canceled, now).await?;
        let output = types::CancelHandshakeResponse { handshake: Some(ended.shown()) };
        Ok(Reply::with_writes(output, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World};

    #[tokio::test]
    async fn who_asked_may_cancel() {
        let world = World::new().await;
        let input = json!({"HandshakeId": world.send_invitation(OTHER).await});
        assert_eq!(world.refused_as(OTHER, "CancelHandshake", input.clone()).await, "AccessDeniedException");
        let canceled = world.ok("CancelHandshake", input.clone()).await;
        assert_eq!(canceled["Handshake"]["State"], "CANCELED");
        assert_eq!(world.refused("CancelHandshake", input.clone()).await, "HandshakeAlreadyInStateException");
        assert_eq!(
            world.refused_as(OTHER, "AcceptHandshake", input).await,
            "InvalidHandshakeTransitionException"
        );
        let input = json!({"HandshakeId": "h-00000000"});
        assert_eq!(world.refused("CancelHandshake", input).await, "HandshakeNotFoundException");
    }
}
