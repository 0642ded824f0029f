//! `PutResourcePolicy`. Source: Organizations API Reference, "PutResourcePolicy".
//!
//! Action `organizations:PutResourcePolicy` on no resource; with tags `organizations:TagResource` too.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::delegation;
use crate::error::{self, Invalid};
use crate::id;
use crate::records::ResourcePolicy;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::tags;

impl Act for operations::PutResourcePolicy {
    const ACCESS: Access = Access::write("organizations:PutResourcePolicy");
    const CALLERS: Callers = Callers::Management;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::nothing().creating(input.tags.as_deref())
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        delegation::check(&input.content)?;
        let mut policy = match repo.resource_policy(&org.id).await? {
            Some(policy) if input.tags.as_ref().is_none_or(Vec::is_empty) => policy,
            // Only a new policy takes tags; those of one that exists change by TagResource.
            Some(_) => {
                return Err(error::invalid(
                    Invalid::InvalidListMember,
                    "You can add tags only when you create the resource policy.",
                ));
            }
            None => ResourcePolicy {
                id: id::new(service.kernel(), "rp-", 8),
                content: String::new(),
                tags: tags::of(input.tags.as_deref())?,
            },
        };
        policy.content.clone_from(&input.content);
        let mut change = seat.change();
        change.resource_policy(&policy);
        let output = types::PutResourcePolicyResponse { resource_policy: Some(policy.shown(org)) };
        Ok(Reply::with_writes(output, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, OTHER, World, deny, text};

    fn allow(account: &str, action: &str, resource: &str) -> serde_json::Value {
        let principal = json!({"AWS": format!("arn:aws:iam::{account}:root")});
        let statement =
            json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource});
        json!({"Content": json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()})
    }

    #[tokio::test]
    async fn the_policy_lets_members_in_and_no_further() {
        let world = World::with_types(&["TAG_POLICY"]).await;
        let account = world.account("a").await;
        let (root, tags) = (world.root().await, json!({"tags": {"a": {"tag_key": {"@@assign": "A"}}}}));
        let policy = world.policy("TAG_POLICY", "p", &tags).await;
        let attach = json!({"PolicyId": policy, "TargetId": root});
        assert_eq!(world.refused_as(&account, "AttachPolicy", attach.clone()).await, "AccessDeniedException");
        let put = world.ok("PutResourcePolicy", allow(&account, "organizations:AttachPolicy", "*")).await;
        let id = text(&put["ResourcePolicy"]["ResourcePolicySummary"]["Id"]);
        assert!(id.starts_with("rp-"), "{id}");
        world.ok_as(&account, "AttachPolicy", attach.clone()).await;
        let error = world.call(&account, "DetachPolicy", attach.clone()).await.unwrap_err();
        assert!(error.message.contains("organizations:DetachPolicy"), "{}", error.message);
        assert_eq!(world.refused_as(&account, "ListRoots", json!({})).await, "AccessDeniedException");
        // Only one account may be a target.
        let arn = format!("arn:aws:organizations::{MANAGEMENT}:policy/*/tag_policy/*");
        world.ok("PutResourcePolicy", allow(&account, "organizations:DetachPolicy", &arn)).await;
        assert_eq!(world.refused_as(&account, "DetachPolicy", attach).await, "AccessDeniedException");
        let again = world.ok("DescribeResourcePolicy", json!({})).await;
        assert_eq!(again["ResourcePolicy"]["ResourcePolicySummary"]["Id"], id);
    }

    #[tokio::test]
    async fn what_may_not_be_delegated_is_refused() {
        let world = World::new().await;
        for (input, expected) in [
            (allow(OTHER, "organizations:CreateAccount", "*"), "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"),
            (allow(OTHER, "s3:*", "*"), "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"),
            (
                allow(OTHER, "organizations:ListRoots", "arn:aws:s3:::b"),
                "UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY",
            ),
            (json!({"Content": "{"}), "INVALID_RESOURCE_POLICY_JSON"),
            (json!({"Content": deny("organizations:ListRoots").to_string()}), "INVALID_RESOURCE_POLICY_JSON"),
        ] {
            let refused = world.refused("PutResourcePolicy", input).await;
            assert_eq!(refused, format!("InvalidInputException: {expected}"));
        }
        let mut tagged = allow(OTHER, "organizations:ListRoots", "*");
        world.ok("PutResourcePolicy", tagged.clone()).await;
        tagged["Tags"] = json!([{"Key": "k", "Value": "v"}]);
        assert_eq!(
            world.refused("PutResourcePolicy", tagged).await,
            "InvalidInputException: INVALID_LIST_MEMBER"
        );
    }
}
