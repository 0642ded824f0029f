//! `ListDelegatedAdministrators`. Source: Organizations API Reference, "ListDelegatedAdministrators".
//!
//! Action `organizations:ListDelegatedAdministrators` on no resource, with `organizations:ServicePrincipal`.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;
use std::collections::BTreeMap;

use crate::act::Act;
use crate::paging::Paging;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::services;

impl Act for operations::ListDelegatedAdministrators {
    const ACCESS: Access = Access::read("organizations:ListDelegatedAdministrators");
    const CALLERS: Callers = Callers::Readers;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::nothing().service(input.service_principal.as_deref())
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, org) = (service.repo(), &scene.seat()?.org);
        let paging = Paging::new(input.max_results, input.next_token.as_deref())?;
        if let Some(service) = &input.service_principal {
            services::check(service)?;
        }
        // An account is listed once, with the day of its first delegation.
        let mut since: BTreeMap<String, i64> = BTreeMap::new();
        for (account, service, enabled) in repo.delegates(&org.id).await? {
            if input.service_principal.as_ref().is_none_or(|wanted| *wanted == service) {
                let at = since.entry(account).or_insert(enabled.at);
                *at = enabled.at.min(*at);
            }
        }
        let (page, next_token) = paging.select(since.into_iter().collect(), |(account, _)| account);
        let mut administrators = Vec::with_capacity(page.len());
        for (account, since) in page {
            administrators.push(repo.member(&org.id, &account).await?.shown_delegate(org, since));
        }
        Ok(Reply::new(types::ListDelegatedAdministratorsResponse {
            delegated_administrators: Some(administrators),
            next_token,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, each};

    #[tokio::test]
    async fn administrators_are_listed_by_service() {
        let world = World::new().await;
        let (a, b) = (world.account("a").await, world.account("b").await);
        for (account, service) in [(&a, "x.amazonaws.com"), (&a, "y.amazonaws.com"), (&b, "y.amazonaws.com")]
        {
            world.ok("EnableAWSServiceAccess", json!({"ServicePrincipal": service})).await;
            let input = json!({"AccountId": account, "ServicePrincipal": service});
            world.ok("RegisterDelegatedAdministrator", input).await;
        }
        for (input, expected) in [
            (json!({}), &["a", "b"][..]),
            (json!({"ServicePrincipal": "x.amazonaws.com"}), &["a"]),
            (json!({"ServicePrincipal": "z.amazonaws.com"}), &[]),
        ] {
            let listed = world.ok("ListDelegatedAdministrators", input).await;
            assert_eq!(each(&listed["DelegatedAdministrators"], "Name"), expected);
        }
    }
}
