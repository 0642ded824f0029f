//! `UpdateOrganizationalUnit`. Source: Organizations API Reference, "UpdateOrganizationalUnit".
//!
//! Action `organizations:UpdateOrganizationalUnit` on the unit.

use garrison_api_organizations::{errors, operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::error;
use crate::records::OrganizationalUnit;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::UpdateOrganizationalUnit {
    const ACCESS: Access = Access::write("organizations:UpdateOrganizationalUnit");
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
        let name = input.name.as_ref().unwrap_or(&unit.name);
        let taken = |other: &OrganizationalUnit| {
            other.parent == unit.parent && other.name == *name && other.id != unit.id
        };
        if repo.units(&org.id).await?.iter().any(taken) {
            return Err(errors::duplicate_organizational_unit_exception(
                "An OU with the same name already exists.",
            ));
        }
        let unit = OrganizationalUnit { name: name.clone(), ..unit };
        let mut change = seat.change();
        change.unit(&unit);
        let shown = repo.show_unit(org, &unit).await?;
        let output = types::UpdateOrganizationalUnitResponse { organizational_unit: Some(shown) };
        Ok(Reply::with_writes(output, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn a_unit_gets_another_name() {
        let world = World::new().await;
        let root = world.root().await;
        let (unit, _) = (world.unit(&root, "u").await, world.unit(&root, "v").await);
        let input = |unit: &str, name: &str| json!({"OrganizationalUnitId": unit, "Name": name});
        let updated = world.ok("UpdateOrganizationalUnit", input(&unit, "w")).await;
        assert_eq!(updated["OrganizationalUnit"]["Name"], "w");
        world.ok("UpdateOrganizationalUnit", input(&unit, "w")).await;
        assert_eq!(
            world.refused("UpdateOrganizationalUnit", input(&unit, "v")).await,
            "DuplicateOrganizationalUnitException"
        );
        assert_eq!(
            world.refused("UpdateOrganizationalUnit", input("ou-abcd-abcdefgh", "x")).await,
            "OrganizationalUnitNotFoundException"
        );
    }
}
