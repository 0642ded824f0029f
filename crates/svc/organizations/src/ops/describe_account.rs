//! `DescribeAccount`. Source: Organizations API Reference, "DescribeAccount".
//!
//! Action `organizations:DescribeAccount` on the account.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::DescribeAccount {
    const ACCESS: Access = Access::read("organizations:DescribeAccount");
    const CALLERS: Callers = Callers::Readers;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.account_id])
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, org) = (service.repo(), &scene.seat()?.org);
        let account = repo.member(&org.id, &input.account_id).await?;
        let shown = repo.show_accounts(org, std::slice::from_ref(&account)).await?;
        Ok(Reply::new(types::DescribeAccountResponse { account: shown.into_iter().next() }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, OTHER, World, text};

    #[tokio::test]
    async fn an_account_is_shown_with_its_path() {
        let world = World::new().await;
        let root = world.root().await;
        let unit = world.unit(&root, "u").await;
        let account = world.account("a").await;
        world.move_account(&account, &root, &unit).await;
        let shown = world.ok("DescribeAccount", json!({"AccountId": account})).await["Account"].take();
        let org = text(&world.ok("DescribeOrganization", json!({})).await["Organization"]["Id"]);
        assert_eq!(shown["Arn"], format!("arn:aws:organizations::{MANAGEMENT}:account/{org}/{account}"));
        assert_eq!(shown["Paths"], json!([format!("{org}/{root}/{unit}/{account}/")]));
        assert_eq!((&shown["Status"], &shown["State"]), (&json!("ACTIVE"), &json!("ACTIVE")));
        assert_eq!(shown["JoinedMethod"], "CREATED");
        assert_eq!(shown["Email"], "a@example.com");
        assert_eq!(
            world.refused("DescribeAccount", json!({"AccountId": OTHER})).await,
            "AccountNotFoundException"
        );
        assert_eq!(
            world.refused_as(&account, "DescribeAccount", json!({"AccountId": account})).await,
            "AccessDeniedException"
        );
    }
}
