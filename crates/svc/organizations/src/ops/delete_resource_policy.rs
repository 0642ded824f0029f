//! `DeleteResourcePolicy`. Source: Organizations API Reference, "DeleteResourcePolicy".
//!
//! Action `organizations:DeleteResourcePolicy` on no resource.

use garrison_api_organizations::{errors, operations};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Unit};

use crate::act::Act;
use crate::repo::layout;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::DeleteResourcePolicy {
    const ACCESS: Access = Access::write("organizations:DeleteResourcePolicy");
    const CALLERS: Callers = Callers::Management;

    fn asked(_: &Self::Input) -> Asked<'_> {
        Asked::nothing()
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        _: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        if repo.resource_policy(&org.id).await?.is_none() {
            return Err(errors::resource_policy_not_found_exception(
                "The organization doesn't have a resource policy.",
            ));
        }
        let mut change = seat.change();
        change.delete(layout::resource_policy(&org.id));
        Ok(Reply::with_writes(Unit, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn the_policy_goes_and_with_it_what_it_allowed() {
        let world = World::new().await;
        let account = world.account("a").await;
        let statement = json!({
            "Effect": "Allow", "Principal": {"AWS": account}, "Action": "organizations:ListRoots", "Resource": "*"
        });
        let content = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        world.ok("PutResourcePolicy", json!({"Content": content})).await;
        world.ok_as(&account, "ListRoots", json!({})).await;
        world.ok("DeleteResourcePolicy", json!({})).await;
        assert_eq!(world.refused_as(&account, "ListRoots", json!({})).await, "AccessDeniedException");
        assert_eq!(world.refused("DeleteResourcePolicy", json!({})).await, "ResourcePolicyNotFoundException");
    }
}
