//! `ListDelegatedServicesForAccount`. Source: Organizations API Reference, "ListDelegatedServicesForAccount".
//!
//! Action `organizations:ListDelegatedServicesForAccount` on the account.

use garrison_api_organizations::{errors, operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::paging::Paging;
use crate::records::Enabled;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::view;

impl Act for operations::ListDelegatedServicesForAccount {
    const ACCESS: Access = Access::read("organizations:ListDelegatedServicesForAccount");
    const CALLERS: Callers = Callers::Readers;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.account_id])
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, org) = (service.repo(), &scene.seat()?.org);
        let paging = Paging::new(input.max_results, input.next_token.as_deref())?;
        repo.member(&org.id, &input.account_id).await?;
        let delegations = repo.delegations(&org.id, &input.account_id).await?;
        if delegations.is_empty() {
            return Err(errors::account_not_registered_exception(
                "The provided account is not a registered delegated administrator for your organization.",
            ));
        }
        let (page, next_token) = paging.select(delegations, |(service, _)| service);
        let service = |(service, enabled): (String, Enabled)| types::DelegatedService {
            service_principal: Some(service),
            delegation_enabled_date: Some(view::time(enabled.at)),
        };
        Ok(Reply::new(types::ListDelegatedServicesForAccountResponse {
            delegated_services: Some(page.into_iter().map(service).collect()),
            next_token,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, OTHER, World, each};

    #[tokio::test]
    async fn the_services_of_an_administrator_are_listed() {
        let world = World::new().await;
        let account = world.account("a").await;
        for service in ["x.amazonaws.com", "y.amazonaws.com"] {
            world.ok("EnableAWSServiceAccess", json!({"ServicePrincipal": service})).await;
            let input = json!({"AccountId": account, "ServicePrincipal": service});
            world.ok("RegisterDelegatedAdministrator", input).await;
        }
        let listed = world.ok("ListDelegatedServicesForAccount", json!({"AccountId": account})).await;
        assert_eq!(
            each(&listed["DelegatedServices"], "ServicePrincipal"),
            ["x.amazonaws.com", "y.amazonaws.com"]
        );
        for (account, expected) in
            [(OTHER, "AccountNotFoundException"), (MANAGEMENT, "AccountNotRegisteredException")]
        {
            let input = json!({"AccountId": account});
            assert_eq!(world.refused("ListDelegatedServicesForAccount", input).await, expected);
        }
    }
}
