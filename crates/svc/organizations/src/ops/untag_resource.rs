//! `UntagResource`. Source: Organizations API Reference, "UntagResource".
//!
//! Action `organizations:UntagResource` on the resource, with `aws:TagKeys`.

use garrison_api_organizations::operations;
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Unit};

use crate::act::Act;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::tags;

impl Act for operations::UntagResource {
    const ACCESS: Access = Access::write("organizations:UntagResource");
    const CALLERS: Callers = Callers::Delegates;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.resource_id]).untagging(&input.tag_keys)
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let keys = &input.tag_keys;
        let writes =
            service.repo().retag(scene.seat()?, &input.resource_id, |tags| tags::remove(tags, keys)).await?;
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, OTHER, World};

    #[tokio::test]
    async fn system_tags_stay() {
        let world = World::new().await;
        for (id, key, expected) in [
            (OTHER, "k", "TargetNotFoundException"),
            (MANAGEMENT, "aws:k", "InvalidInputException: INVALID_SYSTEM_TAGS_PARAMETER"),
        ] {
            let input = json!({"ResourceId": id, "TagKeys": [key]});
            assert_eq!(world.refused("UntagResource", input).await, expected, "{id}");
        }
    }
}
