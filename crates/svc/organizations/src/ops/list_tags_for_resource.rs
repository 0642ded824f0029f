//! `ListTagsForResource`. Source: Organizations API Reference, "ListTagsForResource".
//!
//! Action `organizations:ListTagsForResource` on the resource.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::error;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::ListTagsForResource {
    const ACCESS: Access = Access::read("organizations:ListTagsForResource");
    const CALLERS: Callers = Callers::Readers;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.resource_id])
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let seat = scene.seat()?;
        let tags =
            service.repo().tags_of(seat, &input.resource_id).await?.ok_or_else(error::target_not_found)?;
        let tags = tags.into_iter().map(|(key, value)| types::Tag { key, value }).collect();
        Ok(Reply::new(types::ListTagsForResourceResponse { tags: Some(tags), next_token: None }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World};

    #[tokio::test]
    async fn what_has_no_tags_has_none() {
        let world = World::new().await;
        let listed = world.ok("ListTagsForResource", json!({"ResourceId": "p-FullAWSAccess"})).await;
        assert_eq!(listed["Tags"], json!([]));
        let input = json!({"ResourceId": OTHER});
        assert_eq!(world.refused("ListTagsForResource", input).await, "TargetNotFoundException");
    }
}
