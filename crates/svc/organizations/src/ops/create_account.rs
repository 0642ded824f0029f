//! `CreateAccount`. Source: Organizations API Reference, "CreateAccount".
//!
//! Action `organizations:CreateAccount` on no resource; with tags `organizations:TagResource` too.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::creation::Wanted;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::CreateAccount {
    const ACCESS: Access = Access::write("organizations:CreateAccount");
    const CALLERS: Callers = Callers::Management;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::nothing().creating(input.tags.as_deref())
    }

    async fn act(
        service: &Organizations,
        cx: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let wanted = Wanted {
            name: &input.account_name,
            email: &input.email,
            role: input.role_name.as_deref(),
            tags: input.tags.as_deref(),
            gov_cloud: false,
        };
        let reply = service.create_account(cx, scene.seat()?, &wanted).await?;
        let output = types::CreateAccountResponse { create_account_status: Some(reply.output) };
        Ok(Reply::with_writes(output, reply.writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World, each, text};

    #[tokio::test]
    async fn an_account_is_made_with_its_role() {
        let world = World::with_types(&["SERVICE_CONTROL_POLICY"]).await;
        let input = json!({
            "Email": "a@example.com", "AccountName": "a", "RoleName": "Admin", "Tags": [{"Key": "k", "Value": "v"}],
        });
        let begun = world.ok("CreateAccount", input).await["CreateAccountStatus"].take();
        assert_eq!(begun["State"], "IN_PROGRESS");
        assert_eq!(begun["AccountName"], "a");
        assert!(begun.get("AccountId").is_none());
        let id = text(&begun["Id"]);
        let status = world.ok("DescribeCreateAccountStatus", json!({"CreateAccountRequestId": id})).await;
        let account = text(&status["CreateAccountStatus"]["AccountId"]);
        assert_eq!(status["CreateAccountStatus"]["State"], "SUCCEEDED");
        assert!(world.stored(&["test-role", &account, "Admin"]).await);
        assert!(world.stored(&["test-service-role", &account, "organizations.amazonaws.com"]).await);
        let listed = world.ok("ListTagsForResource", json!({"ResourceId": account})).await;
        assert_eq!(listed["Tags"], json!([{"Key": "k", "Value": "v"}]));
        let policies = world
            .ok("ListPoliciesForTarget", json!({"TargetId": account, "Filter": "SERVICE_CONTROL_POLICY"}))
            .await;
        assert_eq!(each(&policies["Policies"], "Id"), ["p-FullAWSAccess"]);
    }

    #[tokio::test]
    async fn an_email_has_one_account() {
        let world = World::new().await;
        world.account("a").await;
        let input = json!({"Email": "A@Example.com", "AccountName": "again"});
        let id = text(&world.ok("CreateAccount", input).await["CreateAccountStatus"]["Id"]);
        let status = world.ok("DescribeCreateAccountStatus", json!({"CreateAccountRequestId": id})).await;
        assert_eq!(status["CreateAccountStatus"]["State"], "FAILED");
        assert_eq!(status["CreateAccountStatus"]["FailureReason"], "EMAIL_ALREADY_EXISTS");
        assert_eq!(world.ok("ListAccounts", json!({})).await["Accounts"].as_array().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn what_cannot_be_made_is_refused() {
        let world = World::new().await;
        let input = |extra: (&str, serde_json::Value)| {
            let mut input = json!({"Email": "a@example.com", "AccountName": "a"});
            input[extra.0] = extra.1;
            input
        };
        for (extra, expected) in [
            (("RoleName", json!("AWSServiceRoleForX")), "InvalidInputException: INVALID_ROLE_NAME"),
            (
                ("Tags", json!([{"Key": "aws:x", "Value": ""}])),
                "InvalidInputException: INVALID_SYSTEM_TAGS_PARAMETER",
            ),
        ] {
            assert_eq!(world.refused("CreateAccount", input(extra)).await, expected);
        }
        let member = world.account("b").await;
        let fine = input(("RoleName", json!("R")));
        assert_eq!(world.refused_as(&member, "CreateAccount", fine.clone()).await, "AccessDeniedException");
        assert_eq!(world.refused_as(OTHER, "CreateAccount", fine).await, "AWSOrganizationsNotInUseException");
    }
}
