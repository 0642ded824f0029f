//! `ListChildren`. Source: Organizations API Reference, "ListChildren".
//!
//! Action `organizations:ListChildren` on the root or unit.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::error::{self, Invalid};
use crate::paging::Paging;
use crate::repo::ChildKind;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::ListChildren {
    const ACCESS: Access = Access::read("organizations:ListChildren");
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
        let kind = match input.child_type {
            types::ChildType::Account => ChildKind::Account,
            types::ChildType::OrganizationalUnit => ChildKind::Unit,
            types::ChildType::Unknown(_) => {
                return Err(error::invalid(Invalid::InvalidEnum, "You specified an invalid value."));
            }
        };
        let ids = repo.children(&org.id, &input.parent_id, kind).await?;
        let (ids, next_token) = paging.select(ids, String::as_str);
        let child = |id| types::Child { id: Some(id), r#type: Some(input.child_type.clone()) };
        Ok(Reply::new(types::ListChildrenResponse {
            children: Some(ids.into_iter().map(child).collect()),
            next_token,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, World};

    #[tokio::test]
    async fn children_are_accounts_or_units() {
        let world = World::new().await;
        let root = world.root().await;
        let unit = world.unit(&root, "u").await;
        for (kind, expected) in [("ACCOUNT", MANAGEMENT.to_owned()), ("ORGANIZATIONAL_UNIT", unit.clone())] {
            let listed = world.ok("ListChildren", json!({"ParentId": root, "ChildType": kind})).await;
            assert_eq!(listed["Children"], json!([{"Id": expected, "Type": kind}]));
        }
        let listed = world.ok("ListChildren", json!({"ParentId": unit, "ChildType": "ACCOUNT"})).await;
        assert_eq!(listed["Children"], json!([]));
        for (parent, kind, expected) in [
            ("r-zzzz", "ACCOUNT", "ParentNotFoundException"),
            (root.as_str(), "ROOT", "InvalidInputException: INVALID_ENUM"),
        ] {
            let input = json!({"ParentId": parent, "ChildType": kind});
            assert_eq!(world.refused("ListChildren", input).await, expected);
        }
    }
}
