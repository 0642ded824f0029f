//! `RegisterDelegatedAdministrator`. Source: Organizations API Reference, "RegisterDelegatedAdministrator".
//!
//! Action `organizations:RegisterDelegatedAdministrator` on the account, with `organizations:ServicePrincipal`.

use garrison_api_organizations::{errors, operations};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Unit};

use crate::act::Act;
use crate::error::{self, Constraint};
use crate::records::Enabled;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::services;

impl Act for operations::RegisterDelegatedAdministrator {
    const ACCESS: Access = Access::write("organizations:RegisterDelegatedAdministrator");
    const CALLERS: Callers = Callers::Management;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.account_id]).service(Some(&input.service_principal))
    }

    async fn act(
        service: &Organizations,
        cx: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        let principal = &input.service_principal;
        services::check(principal)?;
        let account = repo.member(&org.id, &input.account_id).await?;
        let refused = |reason, message| Err(error::constraint(reason, message));
        if account.id == org.management {
            return refused(
                Constraint::CannotRegisterMasterAsDelegatedAdministrator,
                "You cannot register master account/yourself as delegated administrator for your organization.",
            );
        }
        if account.closed.is_some() {
            return refused(
                Constraint::CannotRegisterSuspendedAccountAsDelegatedAdministrator,
                "You cannot register a suspended account as a delegated administrator.",
            );
        }
        if repo.service(&org.id, principal).await?.is_none() {
            return refused(
                Constraint::ServiceAccessNotEnabled,
                "You must enable service access before you delegate an administrator for this service.",
            );
        }
        if repo.delegations(&org.id, &account.id).await?.iter().any(|(service, _)| service == principal) {
            return Err(errors::account_already_registered_exception(
                "The provided account is already a delegated administrator for your organization.",
            ));
        }
        let mut change = seat.change();
        change.delegate(&account.id, principal, Enabled { at: cx.time.as_millis() });
        Ok(Reply::with_writes(Unit, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, OTHER, World};

    #[tokio::test]
    async fn an_administrator_may_read() {
        let world = World::new().await;
        let account = world.account("a").await;
        let input = |account: &str, service: &str| json!({"AccountId": account, "ServicePrincipal": service});
        for (id, service, expected) in [
            (
                account.as_str(),
                "config.amazonaws.com",
                "ConstraintViolationException: SERVICE_ACCESS_NOT_ENABLED",
            ),
            (&account, "x", "InvalidInputException: UNRECOGNIZED_SERVICE_PRINCIPAL"),
            (OTHER, "config.amazonaws.com", "AccountNotFoundException"),
            (
                MANAGEMENT,
                "config.amazonaws.com",
                "ConstraintViolationException: CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
            ),
        ] {
            assert_eq!(world.refused("RegisterDelegatedAdministrator", input(id, service)).await, expected);
        }
        assert_eq!(world.refused_as(&account, "ListAccounts", json!({})).await, "AccessDeniedException");
        world.ok("EnableAWSServiceAccess", json!({"ServicePrincipal": "config.amazonaws.com"})).await;
        world.ok("RegisterDelegatedAdministrator", input(&account, "config.amazonaws.com")).await;
        assert_eq!(
            world.refused("RegisterDelegatedAdministrator", input(&account, "config.amazonaws.com")).await,
            "AccountAlreadyRegisteredException"
        );
        let listed = world.ok_as(&account, "ListAccounts", json!({})).await;
        assert_eq!(listed["Accounts"].as_array().unwrap().len(), 2);
        world.ok_as(&account, "DescribeAccount", json!({"AccountId": MANAGEMENT})).await;
        let input = json!({"ParentId": world.root().await, "Name": "u"});
        assert_eq!(
            world.refused_as(&account, "CreateOrganizationalUnit", input).await,
            "AccessDeniedException"
        );
    }
}
