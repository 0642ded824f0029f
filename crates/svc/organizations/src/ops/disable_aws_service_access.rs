//! `DisableAWSServiceAccess`. Source: Organizations API Reference, "DisableAWSServiceAccess".
//!
//! Action `organizations:DisableAWSServiceAccess` on no resource, with `organizations:ServicePrincipal`.

use garrison_api_organizations::operations;
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Unit};

use crate::act::Act;
use crate::error::{self, Constraint};
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::services;

impl Act for operations::DisableAWSServiceAccess {
    const ACCESS: Access = Access::write("organizations:DisableAWSServiceAccess");
    const CALLERS: Callers = Callers::Management;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::nothing().service(Some(&input.service_principal))
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
        if services::policy_type(principal).is_some_and(|kind| org.policy_types.contains(kind)) {
            return Err(error::constraint(
                Constraint::PolicyTypeEnabledForThisService,
                "You must disable the policy type of the service before you disable its access.",
            ));
        }
        let mut change = seat.change();
        change.remove_service(principal);
        for (account, service, _) in repo.delegates(&org.id).await? {
            if service == *principal {
                change.remove_delegate(&account, principal);
            }
        }
        Ok(Reply::with_writes(Unit, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn services_are_shut_out_with_their_administrators() {
        let world = World::with_types(&["SECURITYHUB_POLICY"]).await;
        let account = world.account("a").await;
        let input = json!({"ServicePrincipal": "config.amazonaws.com"});
        world.ok("EnableAWSServiceAccess", input.clone()).await;
        let delegate = json!({"AccountId": account, "ServicePrincipal": "config.amazonaws.com"});
        world.ok("RegisterDelegatedAdministrator", delegate).await;
        world.ok("DisableAWSServiceAccess", input.clone()).await;
        world.ok("DisableAWSServiceAccess", input).await;
        let listed = world.ok("ListAWSServiceAccessForOrganization", json!({})).await;
        assert_eq!(listed["EnabledServicePrincipals"], json!([]));
        let listed = world.ok("ListDelegatedAdministrators", json!({})).await;
        assert_eq!(listed["DelegatedAdministrators"], json!([]));
        for (principal, expected) in [
            (
                "securityhub.amazonaws.com",
                "ConstraintViolationException: POLICY_TYPE_ENABLED_FOR_THIS_SERVICE",
            ),
            ("x", "InvalidInputException: UNRECOGNIZED_SERVICE_PRINCIPAL"),
        ] {
            let input = json!({"ServicePrincipal": principal});
            assert_eq!(world.refused("DisableAWSServiceAccess", input).await, expected);
        }
    }
}
