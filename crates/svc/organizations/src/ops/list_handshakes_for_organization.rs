//! `ListHandshakesForOrganization`. Source: Organizations API Reference, "ListHandshakesForOrganization".
//!
//! Action `organizations:ListHandshakesForOrganization` on no resource.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::handshakes;
use crate::paging::Paging;
use crate::records::Handshake;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::ListHandshakesForOrganization {
    const ACCESS: Access = Access::read("organizations:ListHandshakesForOrganization");
    const CALLERS: Callers = Callers::Readers;

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
        let mut found = repo.sent(&org.id).await?;
        handshakes::filter(&mut found, input.filter.as_ref())?;
        let (page, next_token) = paging.select(found, |handshake| &handshake.id);
        Ok(Reply::new(types::ListHandshakesForOrganizationResponse {
            handshakes: Some(page.iter().map(Handshake::shown).collect()),
            next_token,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World, each};

    #[tokio::test]
    async fn what_an_organization_sent_is_listed() {
        let world = World::new().await;
        let id = world.send_invitation(OTHER).await;
        let listed =
            world.ok("ListHandshakesForOrganization", json!({"Filter": {"ActionType": "INVITE"}})).await;
        assert_eq!(each(&listed["Handshakes"], "Id"), [id]);
        assert_eq!(
            world.refused_as(OTHER, "ListHandshakesForOrganization", json!({})).await,
            "AWSOrganizationsNotInUseException"
        );
    }
}
