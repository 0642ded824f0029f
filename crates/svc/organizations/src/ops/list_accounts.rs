//! `ListAccounts`. Source: Organizations API Reference, "ListAccounts".
//!
//! Action `organizations:ListAccounts` on no resource.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::paging::Paging;
use crate::records::Account;
use crate::repo::{self, layout};
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::ListAccounts {
    const ACCESS: Access = Access::read("organizations:ListAccounts");
    const CALLERS: Callers = Callers::Readers;

    fn asked(_: &Self::Input) -> Asked<'_> {
        Asked::nothing()
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, org) = (service.repo(), &scene.seat()?.org);
        let paging = Paging::new(input.max_results, input.next_token.as_deref())?;
        let entries = repo.page(&[layout::ORGANIZATIONS, &org.id, "account"], &paging).await?;
        let (accounts, next_token) = paging.cut(repo::decode::<Account>(&entries)?, |account| &account.id);
        Ok(Reply::new(types::ListAccountsResponse {
            accounts: Some(repo.show_accounts(org, &accounts).await?),
            next_token,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, World, each};

    #[tokio::test]
    async fn accounts_are_paged() {
        let world = World::new().await;
        let mut expected = vec![MANAGEMENT.to_owned()];
        for n in 0..22 {
            expected.push(world.account(&format!("account-{n}")).await);
        }
        expected.sort();
        let (mut seen, mut input) = (Vec::new(), json!({"MaxResults": 10}));
        loop {
            let page = world.ok("ListAccounts", input).await;
            assert!(page["Accounts"].as_array().unwrap().len() <= 10);
            seen.extend(each(&page["Accounts"], "Id"));
            match page.get("NextToken") {
                Some(token) => input = json!({"MaxResults": 10, "NextToken": token}),
                None => break,
            }
        }
        assert_eq!(seen, expected);
        assert_eq!(
            world.refused("ListAccounts", json!({"NextToken": "x"})).await,
            "InvalidInputException: INVALID_NEXT_TOKEN"
        );
    }
}
