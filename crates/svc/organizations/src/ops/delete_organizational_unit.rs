//! `DeleteOrganizationalUnit`. Source: Organizations API Reference, "DeleteOrganizationalUnit".
//!
//! Action `organizations:DeleteOrganizationalUnit` on the unit.

use garrison_api_organizations::{errors, operations};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Unit};

use crate::act::Act;
use crate::error;
use crate::repo::ChildKind;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::DeleteOrganizationalUnit {
    const ACCESS: Access = Access::write("organizations:DeleteOrganizationalUnit");
    const CALLERS: Callers = Callers::Management;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.organizational_unit_id])
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        let unit =
            repo.unit(&org.id, &input.organizational_unit_id).await?.ok_or_else(error::unit_not_found)?;
        for kind in [ChildKind::Account, ChildKind::Unit] {
            if !repo.children(&org.id, &unit.id, kind).await?.is_empty() {
                return Err(errors::organizational_unit_not_empty_exception(
                    "The organizational unit is not empty.",
                ));
            }
        }
        let mut change = seat.change();
        for (kind, policy) in repo.attachments(&org.id, &unit.id).await? {
            change.detach(&kind, &policy, &unit.id);
        }
        change.remove_unit(&unit);
        Ok(Reply::with_writes(Unit, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, deny};

    #[tokio::test]
    async fn an_empty_unit_goes_with_its_attachments() {
        let world = World::with_types(&["SERVICE_CONTROL_POLICY"]).await;
        let root = world.root().await;
        let unit = world.unit(&root, "u").await;
        let inner = world.unit(&unit, "v").await;
        let policy = world.policy("SERVICE_CONTROL_POLICY", "p", &deny("s3:*")).await;
        world.attach(&policy, &inner).await;
        let input = |unit: &str| json!({"OrganizationalUnitId": unit});
        assert_eq!(
            world.refused("DeleteOrganizationalUnit", input(&unit)).await,
            "OrganizationalUnitNotEmptyException"
        );
        world.ok("DeleteOrganizationalUnit", input(&inner)).await;
        world.ok("DeletePolicy", json!({"PolicyId": policy})).await;
        let account = world.account("a").await;
        world.move_account(&account, &root, &unit).await;
        assert_eq!(
            world.refused("DeleteOrganizationalUnit", input(&unit)).await,
            "OrganizationalUnitNotEmptyException"
        );
        assert_eq!(
            world.refused("DeleteOrganizationalUnit", input(&inner)).await,
            "OrganizationalUnitNotFoundException"
        );
    }
}
