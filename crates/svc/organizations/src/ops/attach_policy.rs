//! `AttachPolicy`. Source: Organizations API Reference, "AttachPolicy".
//!
//! Action `organizations:AttachPolicy` on the policy and on the root, unit or account.

use garrison_api_organizations::{errors, operations};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Unit};

use crate::act::Act;
use crate::error::{self, Constraint};
use crate::policies;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::AttachPolicy {
    const ACCESS: Access = Access::write("organizations:AttachPolicy");
    const CALLERS: Callers = Callers::Delegates;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.policy_id, &input.target_id])
    }

    async fn act(
        service: &Organizations,
        cx: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        let policy = repo.policy(&org.id, &input.policy_id).await?.ok_or_else(error::policy_not_found)?;
        repo.target(org, &input.target_id).await?;
        if !org.policy_types.contains(&policy.kind) {
            return Err(error::type_not_enabled());
        }
        let attached = repo.attached(&org.id, &input.target_id, &policy.kind).await?;
        if attached.iter().any(|(id, _)| *id == policy.id) {
            return Err(errors::duplicate_policy_attachment_exception(
                "The selected policy is already attached to the specified target.",
            ));
        }
        if policies::named(&policy.kind).is_some_and(|kind| attached.len() >= kind.per_target) {
            return Err(error::constraint(
                Constraint::MaxPolicyTypeAttachmentLimitExceeded,
                "You have attached the maximum number of policies to the specified target.",
            ));
        }
        let mut change = seat.change();
        change.attach(&policy.kind, &policy.id, &input.target_id, cx.time.as_millis());
        Ok(Reply::with_writes(Unit, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, OTHER, World, deny};

    #[tokio::test]
    async fn a_policy_binds_what_it_hangs_on_at_once() {
        let world = World::with_types(&["SERVICE_CONTROL_POLICY"]).await;
        let root = world.root().await;
        let account = world.account("a").await;
        assert_eq!(world.membership(&account).await.service_control[0].len(), 1);
        let policy = world.policy("SERVICE_CONTROL_POLICY", "p", &deny("s3:*")).await;
        world.attach(&policy, &root).await;
        assert_eq!(world.membership(&account).await.service_control[0].len(), 2);
        assert!(world.membership(MANAGEMENT).await.service_control.is_empty());
    }

    #[tokio::test]
    async fn what_cannot_hang_there_is_refused() {
        let world = World::with_types(&["SERVICE_CONTROL_POLICY"]).await;
        let root = world.root().await;
        let tags =
            world.policy("TAG_POLICY", "t", &json!({"tags": {"a": {"tag_key": {"@@assign": "A"}}}})).await;
        let mut last = String::new();
        for n in 0..10 {
            last = world.policy("SERVICE_CONTROL_POLICY", &format!("p{n}"), &deny("s3:*")).await;
            if n < 9 {
                world.attach(&last, &root).await;
            }
        }
        for (policy, target, expected) in [
            ("p-0000000000", root.as_str(), "PolicyNotFoundException"),
            (&last, OTHER, "TargetNotFoundException"),
            (&tags, &root, "PolicyTypeNotEnabledException"),
            ("p-FullAWSAccess", &root, "DuplicatePolicyAttachmentException"),
            (&last, &root, "ConstraintViolationException: MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"),
        ] {
            let input = json!({"PolicyId": policy, "TargetId": target});
            assert_eq!(world.refused("AttachPolicy", input).await, expected);
        }
    }
}
