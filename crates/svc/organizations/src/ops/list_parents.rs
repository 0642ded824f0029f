//! `ListParents`. Source: Organizations API Reference, "ListParents".
//!
//! Action `organizations:ListParents` on the account or unit.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::error;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::tree::Node;

impl Act for operations::ListParents {
    const ACCESS: Access = Access::read("organizations:ListParents");
    const CALLERS: Callers = Callers::Readers;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.child_id])
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, org) = (service.repo(), &scene.seat()?.org);
        let parent = match repo.node(org, &input.child_id).await? {
            Some(Node::Account(account)) => account.parent,
            Some(Node::Unit(unit)) => unit.parent,
            Some(Node::Root) | None => return Err(error::child_not_found()),
        };
        let kind =
            if parent == org.root { types::ParentType::Root } else { types::ParentType::OrganizationalUnit };
        Ok(Reply::new(types::ListParentsResponse {
            parents: Some(vec![types::Parent { id: Some(parent), r#type: Some(kind) }]),
            next_token: None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, OTHER, World};

    #[tokio::test]
    async fn a_child_has_one_parent() {
        let world = World::new().await;
        let root = world.root().await;
        let unit = world.unit(&root, "u").await;
        let inner = world.unit(&unit, "v").await;
        for (child, parent, kind) in [
            (MANAGEMENT, &root, "ROOT"),
            (unit.as_str(), &root, "ROOT"),
            (inner.as_str(), &unit, "ORGANIZATIONAL_UNIT"),
        ] {
            let listed = world.ok("ListParents", json!({"ChildId": child})).await;
            assert_eq!(listed["Parents"], json!([{"Id": parent, "Type": kind}]));
        }
        assert_eq!(world.refused("ListParents", json!({"ChildId": OTHER})).await, "ChildNotFoundException");
    }
}
