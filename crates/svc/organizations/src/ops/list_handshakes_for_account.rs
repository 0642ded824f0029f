//! `ListHandshakesForAccount`. Source: Organizations API Reference, "ListHandshakesForAccount".
//!
//! Action `organizations:ListHandshakesForAccount` on no resource; for every account.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::handshakes;
use crate::paging::Paging;
use crate::records::Handshake;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::ListHandshakesForAccount {
    const ACCESS: Access = Access::read("organizations:ListHandshakesForAccount");
    const CALLERS: Callers = Callers::Anyone;

    fn asked(_: &Self::Input) -> Asked<'_> {
        Asked::nothing()
    }

    async fn act(
        service: &Organizations,
        cx: &Context,
        input: &Self::Input,
        _: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let repo = service.repo();
        let paging = Paging::new(input.max_results, input.next_token.as_deref())?;
        let account = cx.account();
        let (standing, _) = repo.standing_of(account.as_str()).await?;
        let mut found = repo.received(account.as_str()).await?;
        found.extend(repo.received(&standing.email).await?);
        handshakes::filter(&mut found, input.filter.as_ref())?;
        let (page, next_token) = paging.select(found, |handshake| &handshake.id);
        Ok(Reply::new(types::ListHandshakesForAccountResponse {
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
    async fn what_an_account_was_sent_is_listed() {
        let world = World::new().await;
        let id = world.send_invitation(OTHER).await;
        let listed = world.ok_as(OTHER, "ListHandshakesForAccount", json!({})).await;
        assert_eq!(each(&listed["Handshakes"], "Id"), [id]);
        for (filter, expected) in [
            (json!({"ActionType": "INVITE"}), 1),
            (json!({"ActionType": "APPROVE_ALL_FEATURES"}), 0),
            (json!({"ParentHandshakeId": "h-00000000"}), 0),
        ] {
            let listed = world.ok_as(OTHER, "ListHandshakesForAccount", json!({"Filter": filter})).await;
            assert_eq!(listed["Handshakes"].as_array().unwrap().len(), expected);
        }
        let filter = json!({"ActionType": "INVITE", "ParentHandshakeId": "h-00000000"});
        assert_eq!(
            world.refused_as(OTHER, "ListHandshakesForAccount", json!({"Filter": filter})).await,
            "InvalidInputException: MAX_LIMIT_EXCEEDED_FILTER"
        );
        assert_eq!(world.ok("ListHandshakesForAccount", json!({})).await["Handshakes"], json!([]));
    }
}
