//! `EnableAWSServiceAccess`. Source: Organizations API Reference, "EnableAWSServiceAccess".
//!
//! Action `organizations:EnableAWSServiceAccess` on no resource, with `organizations:ServicePrincipal`.

use garrison_api_organizations::operations;
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Unit};

use crate::act::Act;
use crate::records::Enabled;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::services;

impl Act for operations::EnableAWSServiceAccess {
    const ACCESS: Access = Access::write("organizations:EnableAWSServiceAccess");
    const CALLERS: Callers = Callers::Management;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::nothing().service(Some(&input.service_principal))
    }

    async fn act(
        service: &Organizations,
        cx: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        services::check(&input.service_principal)?;
        if repo.service(&org.id, &input.service_principal).await?.is_some() {
            return Ok(Reply::new(Unit));
        }
        let mut change = seat.change();
        change.service(&input.service_principal, Enabled { at: cx.time.as_millis() });
        Ok(Reply::with_writes(Unit, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, each};

    #[tokio::test]
    async fn services_are_let_in() {
        let world = World::new().await;
        let input = json!({"ServicePrincipal": "config.amazonaws.com"});
        world.ok("EnableAWSServiceAccess", input.clone()).await;
        world.ok("EnableAWSServiceAccess", input.clone()).await;
        let listed = world.ok("ListAWSServiceAccessForOrganization", json!({})).await;
        assert_eq!(each(&listed["EnabledServicePrincipals"], "ServicePrincipal"), ["config.amazonaws.com"]);
        for principal in ["config", "config.example.com", ".amazonaws.com", "a b.amazonaws.com"] {
            assert_eq!(
                world.refused("EnableAWSServiceAccess", json!({"ServicePrincipal": principal})).await,
                "InvalidInputException: UNRECOGNIZED_SERVICE_PRINCIPAL"
            );
        }
        let member = world.account("a").await;
        assert_eq!(world.refused_as(&member, "EnableAWSServiceAccess", input).await, "AccessDeniedException");
    }
}
