//! `DetachPolicy`. Source: Organizations API Reference, "DetachPolicy".
//!
//! Action `organizations:DetachPolicy` on the policy and on the root, unit or account.

use garrison_api_organizations::{errors, operations};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Unit};

use crate::act::Act;
use crate::error::{self, Constraint, Invalid};
use crate::policies::{FULL_RESOURCE_ACCESS, SERVICE_CONTROL};
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::DetachPolicy {
    const ACCESS: Access = Access::write("organizations:DetachPolicy");
    const CALLERS: Callers = Callers::Delegates;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.policy_id, &input.target_id])
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
        repo.target(org, &input.target_id).await?;
        if policy.id == FULL_RESOURCE_ACCESS {
            return Err(error::invalid(
                Invalid::NonDetachablePolicy,
                "You can't detach this AWS managed policy.",
            ));
        }
        if repo.attachment(&org.id, &input.target_id, &policy.kind, &policy.id).await?.is_none() {
            return Err(errors::policy_not_attached_exception(
                "The policy isn't attached to the specified target.",
            ));
        }
        let is_last = repo.attached(&org.id, &input.target_id, &policy.kind).await?.len() == 1;
        if policy.kind == SERVICE_CONTROL && is_last {
            return Err(error::constraint(
                Constraint::MinPolicyTypeAttachmentLimitExceeded,
                "You cannot remove the last policy attached to the specified target. You must have at least one attached at \
                 all times.",
            ));
        }
        let mut change = seat.change();
        change.detach(&policy.kind, &policy.id, &input.target_id);
        Ok(Reply::with_writes(Unit, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World, deny};

    #[tokio::test]
    async fn one_service_control_policy_stays() {
        let world = World::with_types(&["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]).await;
        let root = world.root().await;
        let account = world.account("a").await;
        let policy = world.policy("SERVICE_CONTROL_POLICY", "p", &deny("s3:*")).await;
        let input = |policy: &str, target: &str| json!({"PolicyId": policy, "TargetId": target});
        for (policy, target, expected) in [
            (
                "p-FullAWSAccess",
                root.as_str(),
                "ConstraintViolationException: MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            ),
            ("p-RCPFullAWSAccess", &root, "InvalidInputException: NON_DETACHABLE_POLICY"),
            (&policy, &root, "PolicyNotAttachedException"),
            ("p-0000000000", &root, "PolicyNotFoundException"),
            (&policy, OTHER, "TargetNotFoundException"),
        ] {
            assert_eq!(world.refused("DetachPolicy", input(policy, target)).await, expected);
        }
        world.attach(&policy, &root).await;
        world.ok("DetachPolicy", input("p-FullAWSAccess", &root)).await;
        let level = &world.membership(&account).await.service_control[0];
        assert!(level.len() == 1 && level[0].name().ends_with(&policy));
    }
}
