//! `DeregisterDelegatedAdministrator`. Source: Organizations API Reference, "DeregisterDelegatedAdministrator".
//!
//! Action `organizations:DeregisterDelegatedAdministrator` on the account, with `organizations:ServicePrincipal`.

use garrison_api_organizations::{errors, operations};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Unit};

use crate::act::Act;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::services;

impl Act for operations::DeregisterDelegatedAdministrator {
    const ACCESS: Access = Access::write("organizations:DeregisterDelegatedAdministrator");
    const CALLERS: Callers = Callers::Management;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.account_id]).service(Some(&input.service_principal))
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        let principal = &input.service_principal;
        services::check(principal)?;
        let account = repo.member(&org.id, &input.account_id).await?;
        if !repo.delegations(&org.id, &account.id).await?.iter().any(|(service, _)| service == principal) {
            return Err(errors::account_not_registered_exception(
                "The provided account is not a registered delegated administrator for your organization.",
            ));
        }
        let mut change = seat.change();
        change.remove_delegate(&account.id, principal);
        Ok(Reply::with_writes(Unit, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World};

    #[tokio::test]
    async fn an_administrator_is_one_no_more() {
        let world = World::new().await;
        let account = world.account("a").await;
        let input = json!({"AccountId": account, "ServicePrincipal": "config.amazonaws.com"});
        world.ok("EnableAWSServiceAccess", json!({"ServicePrincipal": "config.amazonaws.com"})).await;
        world.ok("RegisterDelegatedAdministrator", input.clone()).await;
        world.ok("DeregisterDelegatedAdministrator", input.clone()).await;
        assert_eq!(
            world.refused("DeregisterDelegatedAdministrator", input).await,
            "AccountNotRegisteredException"
        );
        assert_eq!(world.refused_as(&account, "ListAccounts", json!({})).await, "AccessDeniedException");
        for (account, service, expected) in [
            (OTHER, "config.amazonaws.com", "AccountNotFoundException"),
            (account.as_str(), "x", "InvalidInputException: UNRECOGNIZED_SERVICE_PRINCIPAL"),
        ] {
            let input = json!({"AccountId": account, "ServicePrincipal": service});
            assert_eq!(world.refused("DeregisterDelegatedAdministrator", input).await, expected);
        }
    }
}
