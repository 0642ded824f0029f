//! `TagResource`. Source: Organizations API Reference, "TagResource".
//!
//! Action `organizations:TagResource` on the resource, with `aws:RequestTag` and `aws:TagKeys`.

use garrison_api_organizations::operations;
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Unit};

use crate::act::Act;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::tags;

impl Act for operations::TagResource {
    const ACCESS: Access = Access::write("organizations:TagResource");
    const CALLERS: Callers = Callers::Delegates;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.resource_id]).tagging(&input.tags)
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let writes = service
            .repo()
            .retag(scene.seat()?, &input.resource_id, |tags| tags::add(tags, &input.tags))
            .await?;
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, OTHER, World, deny, each};

    #[tokio::test]
    async fn roots_units_accounts_and_policies_have_tags() {
        let world = World::new().await;
        let root = world.root().await;
        let (unit, account) = (world.unit(&root, "u").await, world.account("a").await);
        let policy = world.policy("SERVICE_CONTROL_POLICY", "p", &deny("s3:*")).await;
        for id in [&root, &unit, &account, &policy] {
            for value in ["old", "new"] {
                let input = json!({"ResourceId": id, "Tags": [{"Key": "k", "Value": value}, {"Key": value, "Value": ""}]});
                world.ok("TagResource", input).await;
            }
            let listed = world.ok("ListTagsForResource", json!({"ResourceId": id})).await;
            assert_eq!(each(&listed["Tags"], "Key"), ["k", "new", "old"], "{id}");
            assert_eq!(listed["Tags"][0]["Value"], "new");
            world.ok("UntagResource", json!({"ResourceId": id, "TagKeys": ["old", "absent"]})).await;
            let listed = world.ok("ListTagsForResource", json!({"ResourceId": id})).await;
            assert_eq!(each(&listed["Tags"], "Key"), ["k", "new"], "{id}");
        }
        let shown = world.ok("ListRoots", json!({})).await;
        assert_eq!(shown["Roots"][0]["Id"], root);
    }

    #[tokio::test]
    async fn what_takes_no_tags_is_refused() {
        let world = World::new().await;
        for (id, key, expected) in [
            (OTHER, "k", "TargetNotFoundException"),
            ("p-0000000000", "k", "TargetNotFoundException"),
            ("rp-00000000", "k", "TargetNotFoundException"),
            ("rt-00000000", "k", "TargetNotFoundException"),
            ("p-FullAWSAccess", "k", "InvalidInputException: TARGET_NOT_SUPPORTED"),
            (MANAGEMENT, "aws:k", "InvalidInputException: INVALID_SYSTEM_TAGS_PARAMETER"),
        ] {
            let input = json!({"ResourceId": id, "Tags": [{"Key": key, "Value": ""}]});
            assert_eq!(world.refused("TagResource", input).await, expected, "{id}");
        }
        let tags: Vec<_> = (0..51).map(|n| json!({"Key": format!("k{n}"), "Value": ""})).collect();
        assert_eq!(
            world.refused("TagResource", json!({"ResourceId": MANAGEMENT, "Tags": tags})).await,
            "ConstraintViolationException: MAX_TAG_LIMIT_EXCEEDED"
        );
    }
}
