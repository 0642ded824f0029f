//! `CreatePolicy`. Source: Organizations API Reference, "CreatePolicy".
//!
//! Action `organizations:CreatePolicy` on no resource, with `organizations:PolicyType`; with tags `organizations:TagResource` too.

use garrison_api_organizations::{errors, operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::error::{self, Constraint};
use crate::id;
use crate::policies;
use crate::records::{FeatureSet, Policy};
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::tags;

impl Act for operations::CreatePolicy {
    const ACCESS: Access = Access::write("organizations:CreatePolicy");
    const CALLERS: Callers = Callers::Delegates;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::nothing().creating(input.tags.as_deref()).policy_type(input.r#type.as_str())
    }

    async fn act(
        service: &Organizations,
        cx: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        let kind = policies::kind(&input.r#type)?;
        if org.features != FeatureSet::All {
            return Err(error::type_not_available());
        }
        policies::check(kind, &input.content)?;
        let mut same = repo.policies(&org.id).await?;
        same.retain(|policy| policy.kind == kind.name);
        if same.len() >= kind.per_organization {
            return Err(error::constraint(
                Constraint::PolicyNumberLimitExceeded,
                "You have exceeded the number of policies that you can have in an organization.",
            ));
        }
        let managed = policies::default_of(kind.name).and_then(policies::managed);
        if same.iter().chain(&managed).any(|policy| policy.name == input.name) {
            return Err(errors::duplicate_policy_exception("A policy with the same name already exists."));
        }
        let policy = Policy {
            id: id::new(service.kernel(), "p-", 10),
            kind: kind.name.to_owned(),
            name: input.name.clone(),
            description: input.description.clone(),
            content: input.content.clone(),
            updated: cx.time.as_millis(),
            tags: tags::of(input.tags.as_deref())?,
        };
        let mut change = seat.change();
        change.policy(&policy);
        let output = types::CreatePolicyResponse { policy: Some(policy.shown(org)) };
        Ok(Reply::with_writes(output, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World, deny, text};

    #[tokio::test]
    async fn a_policy_is_made_and_shown() {
        let world = World::new().await;
        let content = deny("s3:*").to_string();
        let input = json!({
            "Type": "SERVICE_CONTROL_POLICY", "Name": "p", "Description": "d", "Content": content,
            "Tags": [{"Key": "k", "Value": "v"}],
        });
        let made = world.ok("CreatePolicy", input.clone()).await["Policy"].take();
        let id = text(&made["PolicySummary"]["Id"]);
        assert!(id.starts_with("p-"), "{id}");
        assert_eq!(made["Content"], content);
        assert_eq!(made["PolicySummary"]["AwsManaged"], false);
        assert_eq!(world.ok("DescribePolicy", json!({"PolicyId": id})).await["Policy"], made);
        let tags = world.ok("ListTagsForResource", json!({"ResourceId": id})).await;
        assert_eq!(tags["Tags"], json!([{"Key": "k", "Value": "v"}]));
        assert_eq!(world.refused("CreatePolicy", input).await, "DuplicatePolicyException");
    }

    #[tokio::test]
    async fn what_is_no_policy_is_refused() {
        let world = World::new().await;
        let fine = deny("s3:*").to_string();
        for (kind, name, content, expected) in [
            ("SERVICE_CONTROL_POLICY", "p", "{}", "MalformedPolicyDocumentException"),
            ("TAG_POLICY", "p", fine.as_str(), "MalformedPolicyDocumentException"),
            ("SOME_POLICY", "p", &fine, "InvalidInputException: INVALID_ENUM_POLICY_TYPE"),
            ("SERVICE_CONTROL_POLICY", "FullAWSAccess", &fine, "DuplicatePolicyException"),
            (
                "AISERVICES_OPT_OUT_POLICY",
                "p",
                &format!("{fine}{}", " ".repeat(2500)),
                "ConstraintViolationException: POLICY_CONTENT_LIMIT_EXCEEDED",
            ),
        ] {
            let input = json!({"Type": kind, "Name": name, "Description": "", "Content": content});
            assert_eq!(world.refused("CreatePolicy", input).await, expected, "{kind} {name}");
        }
        world.ok_as(OTHER, "CreateOrganization", json!({"FeatureSet": "CONSOLIDATED_BILLING"})).await;
        let input =
            json!({"Type": "SERVICE_CONTROL_POLICY", "Name": "p", "Description": "", "Content": fine});
        assert_eq!(
            world.refused_as(OTHER, "CreatePolicy", input).await,
            "PolicyTypeNotAvailableForOrganizationException"
        );
    }
}
