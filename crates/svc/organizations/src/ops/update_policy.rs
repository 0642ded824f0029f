//! `UpdatePolicy`. Source: Organizations API Reference, "UpdatePolicy".
//!
//! Action `organizations:UpdatePolicy` on the policy.

use garrison_api_organizations::{errors, operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::error;
use crate::policies;
use crate::records::Policy;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::UpdatePolicy {
    const ACCESS: Access = Access::write("organizations:UpdatePolicy");
    const CALLERS: Callers = Callers::Delegates;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.policy_id])
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
        if policy.is_managed() {
            return Err(error::immutable_policy());
        }
        if let (Some(content), Some(kind)) = (&input.content, policies::named(&policy.kind)) {
            policies::check(kind, content)?;
        }
        if let Some(name) = &input.name {
            let managed = policies::default_of(&policy.kind).and_then(policies::managed);
            let taken =
                |other: &Policy| other.kind == policy.kind && other.name == *name && other.id != policy.id;
            if repo.policies(&org.id).await?.iter().chain(&managed).any(taken) {
                return Err(errors::duplicate_policy_exception(
                    "A policy with the same name already exists.",
                ));
            }
        }
        let policy = Policy {
            name: input.name.clone().unwrap_or(policy.name),
            description: input.description.clone().unwrap_or(policy.description),
            content: input.content.clone().unwrap_or(policy.content),
            updated: cx.time.as_millis(),
            ..policy
        };
        let mut change = seat.change();
        change.policy(&policy);
        let output = types::UpdatePolicyResponse { policy: Some(policy.shown(org)) };
        Ok(Reply::with_writes(output, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, deny};

    #[tokio::test]
    async fn what_is_given_changes() {
        let world = World::new().await;
        let policy = world.policy("SERVICE_CONTROL_POLICY", "p", &deny("s3:*")).await;
        let content = deny("kms:*").to_string();
        let input = json!({"PolicyId": policy, "Name": "q", "Content": content});
        let updated = world.ok("UpdatePolicy", input).await["Policy"].take();
        assert_eq!((&updated["PolicySummary"]["Name"], &updated["Content"]), (&json!("q"), &json!(content)));
        world.ok("UpdatePolicy", json!({"PolicyId": policy, "Description": "d"})).await;
        let shown = world.ok("DescribePolicy", json!({"PolicyId": policy})).await["Policy"].take();
        assert_eq!(
            (&shown["PolicySummary"]["Description"], &shown["Content"]),
            (&json!("d"), &json!(content))
        );
    }

    #[tokio::test]
    async fn what_cannot_change_is_refused() {
        let world = World::new().await;
        let policy = world.policy("SERVICE_CONTROL_POLICY", "p", &deny("s3:*")).await;
        world.policy("SERVICE_CONTROL_POLICY", "q", &deny("s3:*")).await;
        world.policy("TAG_POLICY", "r", &json!({"tags": {"a": {"tag_key": {"@@assign": "A"}}}})).await;
        world.ok("UpdatePolicy", json!({"PolicyId": policy, "Name": "r"})).await;
        for (input, expected) in [
            (json!({"PolicyId": "p-FullAWSAccess", "Name": "x"}), "InvalidInputException: IMMUTABLE_POLICY"),
            (json!({"PolicyId": "p-0000000000", "Name": "x"}), "PolicyNotFoundException"),
            (json!({"PolicyId": policy, "Name": "q"}), "DuplicatePolicyException"),
            (json!({"PolicyId": policy, "Content": "{}"}), "MalformedPolicyDocumentException"),
        ] {
            assert_eq!(world.refused("UpdatePolicy", input).await, expected);
        }
    }
}
