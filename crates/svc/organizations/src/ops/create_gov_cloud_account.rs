//! `CreateGovCloudAccount`. Source: Organizations API Reference, "CreateGovCloudAccount".
//!
//! Action `organizations:CreateGovCloudAccount` on no resource; with tags `organizations:TagResource` too.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::creation::Wanted;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::CreateGovCloudAccount {
    const ACCESS: Access = Access::write("organizations:CreateGovCloudAccount");
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
            gov_cloud: true,
        };
        let reply = service.create_account(cx, scene.seat()?, &wanted).await?;
        let output = types::CreateGovCloudAccountResponse { create_account_status: Some(reply.output) };
        Ok(Reply::with_writes(output, reply.writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, text};

    #[tokio::test]
    async fn two_accounts_are_made_of_which_one_is_a_member() {
        let world = World::new().await;
        let input = json!({"Email": "a@example.com", "AccountName": "a"});
        let id = text(&world.ok("CreateGovCloudAccount", input).await["CreateAccountStatus"]["Id"]);
        let status = world.ok("DescribeCreateAccountStatus", json!({"CreateAccountRequestId": id})).await;
        let (account, pair) = (
            text(&status["CreateAccountStatus"]["AccountId"]),
            text(&status["CreateAccountStatus"]["GovCloudAccountId"]),
        );
        assert_ne!(account, pair);
        world.ok("DescribeAccount", json!({"AccountId": account})).await;
        assert_eq!(
            world.refused("DescribeAccount", json!({"AccountId": pair})).await,
            "AccountNotFoundException"
        );
    }
}
