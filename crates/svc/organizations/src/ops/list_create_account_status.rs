//! `ListCreateAccountStatus`. Source: Organizations API Reference, "ListCreateAccountStatus".
//!
//! Action `organizations:ListCreateAccountStatus` on no resource.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::paging::Paging;
use crate::records::Creation;
use crate::repo::{self, layout};
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::ListCreateAccountStatus {
    const ACCESS: Access = Access::read("organizations:ListCreateAccountStatus");
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
        let entries = repo.entries(&[layout::ORGANIZATIONS, &org.id, "creation"]).await?;
        let mut creations: Vec<Creation> = repo::decode(&entries)?;
        if let Some(states) = &input.states {
            creations.retain(|creation| states.contains(&creation.state()));
        }
        let (page, next_token) = paging.select(creations, |creation| &creation.id);
        Ok(Reply::new(types::ListCreateAccountStatusResponse {
            create_account_statuses: Some(page.iter().map(Creation::shown).collect()),
            next_token,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, each};

    #[tokio::test]
    async fn requests_are_listed_by_state() {
        let world = World::new().await;
        world.account("a").await;
        world.ok("CreateAccount", json!({"Email": "a@example.com", "AccountName": "again"})).await;
        for (states, expected) in [
            (json!(["SUCCEEDED"]), &["a"][..]),
            (json!(["FAILED"]), &["again"]),
            (json!(["IN_PROGRESS"]), &[]),
            (json!(["SUCCEEDED", "FAILED"]), &["a", "again"]),
        ] {
            let listed = world.ok("ListCreateAccountStatus", json!({"States": states})).await;
            assert_eq!(each(&listed["CreateAccountStatuses"], "AccountName"), expected);
        }
    }
}
