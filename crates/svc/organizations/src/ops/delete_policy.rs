//! `DeletePolicy`. Source: Organizations API Reference, "DeletePolicy".
//!
//! Action `organizations:DeletePolicy` on the policy.

use garrison_api_organizations::{errors, operations};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Unit};

use crate::act::Act;
use crate::error;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::DeletePolicy {
    const ACCESS: Access = Access::write("organizations:DeletePolicy");
    const CALLERS: Callers = Callers::Delegates;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.policy_id])
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        let policy = repo.policy(&org.id, &input.policy_id).await?.ok_or_else(error::policy_not_found)?;
        if policy.is_managed() {
            return Err(error::immutable_policy());
        }
        if !repo.targets(&org.id, &policy.id).await?.is_empty() {
            return Err(errors::policy_in_use_exception("The policy is attached to one or more entities."));
        }
        let mut change = seat.change();
        change.remove_policy(&policy.id);
        Ok(Reply::with_writes(Unit, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, deny};

    #[tokio::test]
    async fn a_policy_goes_when_it_hangs_on_nothing() {
        let world = World::with_types(&["SERVICE_CONTROL_POLICY"]).await;
        let root = world.root().await;
        let policy = world.policy("SERVICE_CONTROL_POLICY", "p", &deny("s3:*")).await;
        world.attach(&policy, &root).await;
        let input = json!({"PolicyId": policy});
        assert_eq!(world.refused("DeletePolicy", input.clone()).await, "PolicyInUseException");
        world.ok("DetachPolicy", json!({"PolicyId": policy, "TargetId": root})).await;
        world.ok("DeletePolicy", input.clone()).await;
        assert_eq!(world.refused("DeletePolicy", input).await, "PolicyNotFoundException");
        let input = json!({"PolicyId": "p-FullAWSAccess"});
        assert_eq!(world.refused("DeletePolicy", input).await, "InvalidInputException: IMMUTABLE_POLICY");
    }
}
