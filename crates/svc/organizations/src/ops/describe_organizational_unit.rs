//! `DescribeOrganizationalUnit`. Source: Organizations API Reference, "DescribeOrganizationalUnit".
//!
//! Action `organizations:DescribeOrganizationalUnit` on the unit.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::error;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::DescribeOrganizationalUnit {
    const ACCESS: Access = Access::read("organizations:DescribeOrganizationalUnit");
    const CALLERS: Callers = Callers::Readers;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.organizational_unit_id])
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, org) = (service.repo(), &scene.seat()?.org);
        let unit =
            repo.unit(&org.id, &input.organizational_unit_id).await?.ok_or_else(error::unit_not_found)?;
        let shown = repo.show_unit(org, &unit).await?;
        Ok(Reply::new(types::DescribeOrganizationalUnitResponse { organizational_unit: Some(shown) }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, World, text};

    #[tokio::test]
    async fn a_unit_is_shown() {
        let world = World::new().await;
        let root = world.root().await;
        let unit = world.unit(&root, "u").await;
        let shown = world.ok("DescribeOrganizationalUnit", json!({"OrganizationalUnitId": unit})).await;
        let org = text(&world.ok("DescribeOrganization", json!({})).await["Organization"]["Id"]);
        assert_eq!(
            shown["OrganizationalUnit"],
            json!({
                "Id": unit,
                "Arn": format!("arn:aws:organizations::{MANAGEMENT}:ou/{org}/{unit}"),
                "Name": "u",
                "Path": format!("{org}/{root}/{unit}/"),
            })
        );
        let input = json!({"OrganizationalUnitId": "ou-abcd-abcdefgh"});
        assert_eq!(
            world.refused("DescribeOrganizationalUnit", input).await,
            "OrganizationalUnitNotFoundException"
        );
    }
}
