//! `DescribeHandshake`. Source: Organizations API Reference, "DescribeHandshake".
//!
//! Action `organizations:DescribeHandshake` on the handshake; for both sides.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::DescribeHandshake {
    const ACCESS: Access = Access::read("organizations:DescribeHandshake");
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
        let (handshake, _) = repo.find_handshake(&input.handshake_id).await?;
        let (standing, _) = repo.standing_of(cx.account().as_str()).await?;
        let concerned = handshake.party.is(cx.account().as_str(), &standing)
            || handshake.was_sent_by(scene.seat_if_any());
        if !concerned {
            return Err(handshake.refuse_stranger(scene.seat_if_any()));
        }
        Ok(Reply::new(types::DescribeHandshakeResponse { handshake: Some(handshake.shown()) }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World};

    #[tokio::test]
    async fn both_sides_see_the_same() {
        let world = World::new().await;
        let input = json!({"HandshakeId": world.send_invitation(OTHER).await});
        let shown = world.ok("DescribeHandshake", input.clone()).await;
        assert_eq!(world.ok_as(OTHER, "DescribeHandshake", input.clone()).await, shown);
        assert_eq!(
            world.refused_as("777788889999", "DescribeHandshake", input).await,
            "HandshakeNotFoundException"
        );
    }
}
