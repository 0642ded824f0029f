//! `ListOrganizationalUnitsForParent`. Source: Organizations API Reference, "ListOrganizationalUnitsForParent".
//!
//! Action `organizations:ListOrganizationalUnitsForParent` on the root or unit.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::paging::Paging;
use crate::repo::ChildKind;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::ListOrganizationalUnitsForParent {
    const ACCESS: Access = Access::read("organizations:ListOrganizationalUnitsForParent");
    const CALLERS: Callers = Callers::Readers;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.parent_id])
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, org) = (service.repo(), &scene.seat()?.org);
        let paging = Paging::new(input.max_results, input.next_token.as_deref())?;
        repo.parent(org, &input.parent_id).await?;
        let ids = repo.children(&org.id, &input.parent_id, ChildKind::Unit).await?;
        let (ids, next_token) = paging.select(ids, String::as_str);
        let mut units = Vec::with_capacity(ids.len());
        for id in &ids {
            if let Some(unit) = repo.unit(&org.id, id).await? {
                units.push(repo.show_unit(org, &unit).await?);
            }
        }
        Ok(Reply::new(types::ListOrganizationalUnitsForParentResponse {
            organizational_units: Some(units),
            next_token,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, each};

    #[tokio::test]
    async fn units_are_listed_one_level_at_a_time() {
        let world = World::new().await;
        let root = world.root().await;
        let unit = world.unit(&root, "u").await;
        world.unit(&unit, "v").await;
        world.unit(&unit, "w").await;
        for (parent, expected) in [(&root, &["u"][..]), (&unit, &["v", "w"])] {
            let listed = world.ok("ListOrganizationalUnitsForParent", json!({"ParentId": parent})).await;
            assert_eq!(each(&listed["OrganizationalUnits"], "Name"), expected);
        }
        let input = json!({"ParentId": "r-zzzz"});
        assert_eq!(world.refused("ListOrganizationalUnitsForParent", input).await, "ParentNotFoundException");
    }
}
