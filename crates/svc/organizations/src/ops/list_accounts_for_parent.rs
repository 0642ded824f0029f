//! `ListAccountsForParent`. Source: Organizations API Reference, "ListAccountsForParent".
//!
//! Action `organizations:ListAccountsForParent` on the root or unit.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::paging::Paging;
use crate::repo::ChildKind;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::ListAccountsForParent {
    const ACCESS: Access = Access::read("organizations:ListAccountsForParent");
    const CALLERS: Callers = Callers::Readers;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.parent_id])
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, org) = (service.repo(), &scene.seat()?.org);
        let paging = Paging::new(input.max_results, input.next_token.as_deref())?;
        repo.parent(org, &input.parent_id).await?;
        let ids = repo.children(&org.id, &input.parent_id, ChildKind::Account).await?;
        let (ids, next_token) = paging.select(ids, String::as_str);
        let mut accounts = Vec::with_capacity(ids.len());
        for id in &ids {
            accounts.extend(repo.account(&org.id, id).await?);
        }
        Ok(Reply::new(types::ListAccountsForParentResponse {
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
    async fn accounts_are_where_they_were_moved() {
        let world = World::new().await;
        let root = world.root().await;
        let unit = world.unit(&root, "u").await;
        let account = world.account("a").await;
        world.move_account(&account, &root, &unit).await;
        let listed = world.ok("ListAccountsForParent", json!({"ParentId": unit})).await;
        assert_eq!(each(&listed["Accounts"], "Id"), [account]);
        let listed = world.ok("ListAccountsForParent", json!({"ParentId": root})).await;
        assert_eq!(each(&listed["Accounts"], "Id"), [MANAGEMENT]);
        assert_eq!(
            world.refused("ListAccountsForParent", json!({"ParentId": "ou-abcd-abcdefgh"})).await,
            "ParentNotFoundException"
        );
    }
}
