//! `ListRoots`. Source: Organizations API Reference, "ListRoots".
//!
//! Action `organizations:ListRoots` on no resource.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::ListRoots {
    const ACCESS: Access = Access::read("organizations:ListRoots");
    const CALLERS: Callers = Callers::Readers;

    fn asked(_: &Self::Input) -> Asked<'_> {
        Asked::nothing()
    }

    async fn act(
        _: &Organizations,
        _: &Context,
        _: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let org = &scene.seat()?.org;
        Ok(Reply::new(types::ListRootsResponse { roots: Some(vec![org.shown_root()]), next_token: None }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, text};

    #[tokio::test]
    async fn there_is_one_root() {
        let world = World::with_types(&["TAG_POLICY"]).await;
        let roots = world.ok("ListRoots", json!({})).await;
        let root = &roots["Roots"][0];
        let id = text(&root["Id"]);
        assert!(id.starts_with("r-") && id.len() == 6, "{id}");
        assert_eq!(root["Name"], "Root");
        assert_eq!(root["PolicyTypes"], json!([{"Type": "TAG_POLICY", "Status": "ENABLED"}]));
        let member = world.account("a").await;
        assert_eq!(world.refused_as(&member, "ListRoots", json!({})).await, "AccessDeniedException");
    }
}
