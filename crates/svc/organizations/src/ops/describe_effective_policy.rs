//! `DescribeEffectivePolicy`. Source: Organizations API Reference, "DescribeEffectivePolicy".
//!
//! Action `organizations:DescribeEffectivePolicy` on the account, with `organizations:PolicyType`; for a member account about itself.

use garrison_api_organizations::{errors, operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::error::{self, Invalid};
use crate::policies;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::tree::Node;
use crate::view;

impl Act for operations::DescribeEffectivePolicy {
    const ACCESS: Access = Access::read("organizations:DescribeEffectivePolicy");
    const CALLERS: Callers = Callers::ReadersOrSelf;

    fn asked(input: &Self::Input) -> Asked<'_> {
        let asked = match &input.target_id {
            Some(target) => Asked::about([target.as_str()]),
            None => Asked::nothing(),
        };
        asked.policy_type(input.policy_type.as_str())
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let kind = policies::kind(&input.policy_type.as_str().into())?;
        let target = input.target_id.as_deref().unwrap_or(seat.account.as_str());
        let account = match repo.target(&seat.org, target).await? {
            Node::Account(account) => account,
            Node::Root | Node::Unit(_) => {
                return Err(error::invalid(
                    Invalid::TargetNotSupported,
                    "You can't perform the specified operation on that target entity.",
                ));
            }
        };
        let effective = repo.effective(&seat.org, &account, kind).await?.ok_or_else(|| {
            errors::effective_policy_not_found_exception(
                "The account doesn't have an effective policy of this type.",
            )
        })?;
        Ok(Reply::new(types::DescribeEffectivePolicyResponse {
            effective_policy: Some(types::EffectivePolicy {
                policy_content: Some(effective.content.to_string()),
                last_updated_timestamp: Some(view::time(effective.updated)),
                target_id: Some(account.id),
                policy_type: Some(input.policy_type.clone()),
            }),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, OTHER, World, text};

    fn color(setting: serde_json::Value) -> serde_json::Value {
        json!({"tags": {"color": {"tag_key": {"@@assign": "Color"}, "tag_value": setting}}})
    }

    #[tokio::test]
    async fn policies_of_the_path_are_merged() {
        let world = World::with_types(&["TAG_POLICY"]).await;
        let root = world.root().await;
        let (unit, account) = (world.unit(&root, "u").await, world.account("a").await);
        world.move_account(&account, &root, &unit).await;
        let input = json!({"PolicyType": "TAG_POLICY", "TargetId": account});
        assert_eq!(
            world.refused("DescribeEffectivePolicy", input.clone()).await,
            "EffectivePolicyNotFoundException"
        );
        for (target, name, setting) in [
            (&root, "p", json!({"@@assign": ["red", "blue"]})),
            (&unit, "q", json!({"@@append": ["green"]})),
            (&account, "r", json!({"@@remove": ["red"]})),
        ] {
            let policy = world.policy("TAG_POLICY", name, &color(setting)).await;
            world.attach(&policy, target).await;
        }
        let expected =
            json!({"tags": {"color": {"tag_key": "Color", "tag_value": ["blue", "green"]}}}).to_string();
        let shown = world.ok("DescribeEffectivePolicy", input).await["EffectivePolicy"].take();
        assert_eq!(shown["PolicyContent"], expected);
        assert_eq!(shown["TargetId"], account);
        let own = world.ok_as(&account, "DescribeEffectivePolicy", json!({"PolicyType": "TAG_POLICY"})).await;
        assert_eq!(own["EffectivePolicy"], shown);
        let own = world.ok("DescribeEffectivePolicy", json!({"PolicyType": "TAG_POLICY"})).await;
        assert!(
            text(&own["EffectivePolicy"]["PolicyContent"]).contains("red"),
            "the management account is bound too"
        );
    }

    #[tokio::test]
    async fn only_accounts_have_one() {
        let world = World::with_types(&["TAG_POLICY"]).await;
        let (root, account) = (world.root().await, world.account("a").await);
        for (caller, target, kind, expected) in [
            (MANAGEMENT, root.as_str(), "TAG_POLICY", "InvalidInputException: TARGET_NOT_SUPPORTED"),
            (MANAGEMENT, OTHER, "TAG_POLICY", "TargetNotFoundException"),
            (MANAGEMENT, MANAGEMENT, "X", "InvalidInputException: INVALID_ENUM_POLICY_TYPE"),
            (MANAGEMENT, MANAGEMENT, "SERVICE_CONTROL_POLICY", "EffectivePolicyNotFoundException"),
            (&account, MANAGEMENT, "TAG_POLICY", "AccessDeniedException"),
        ] {
            let input = json!({"PolicyType": kind, "TargetId": target});
            assert_eq!(world.refused_as(caller, "DescribeEffectivePolicy", input).await, expected);
        }
    }
}
