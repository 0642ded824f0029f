//! `ListAccountsWithInvalidEffectivePolicy`. Source: Organizations API Reference, "ListAccountsWithInvalidEffectivePolicy".
//!
//! Action `organizations:ListAccountsWithInvalidEffectivePolicy` on no resource, with `organizations:PolicyType`.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::paging::Paging;
use crate::policies;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::ListAccountsWithInvalidEffectivePolicy {
    const ACCESS: Access = Access::read("organizations:ListAccountsWithInvalidEffectivePolicy");
    const CALLERS: Callers = Callers::Readers;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::nothing().policy_type(input.policy_type.as_str())
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, org) = (service.repo(), &scene.seat()?.org);
        let paging = Paging::new(input.max_results, input.next_token.as_deref())?;
        let kind = policies::kind(&input.policy_type.as_str().into())?;
        let invalid = repo.invalid_accounts(org, kind).await?;
        let (page, next_token) = paging.select(invalid, |account| &account.id);
        Ok(Reply::new(types::ListAccountsWithInvalidEffectivePolicyResponse {
            accounts: Some(repo.show_accounts(org, &page).await?),
            policy_type: Some(input.policy_type.clone()),
            next_token,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, each};

    #[tokio::test]
    async fn accounts_whose_policies_do_not_fit_together_are_listed() {
        let world = World::with_types(&["BACKUP_POLICY"]).await;
        let root = world.root().await;
        let (unit, bad, good) =
            (world.unit(&root, "u").await, world.account("a").await, world.account("b").await);
        world.move_account(&bad, &root, &unit).await;
        let half = json!({"plans": {"daily": {"regions": {"@@assign": ["eu-central-1"]}}}});
        let policy = world.policy("BACKUP_POLICY", "half", &half).await;
        world.attach(&policy, &unit).await;
        let listed =
            world.ok("ListAccountsWithInvalidEffectivePolicy", json!({"PolicyType": "BACKUP_POLICY"})).await;
        assert_eq!(each(&listed["Accounts"], "Id"), [bad.as_str()]);
        assert_ne!(bad, good);
        let listed =
            world.ok("ListAccountsWithInvalidEffectivePolicy", json!({"PolicyType": "TAG_POLICY"})).await;
        assert_eq!(listed["Accounts"], json!([]));
        assert_eq!(
            world.refused("ListAccountsWithInvalidEffectivePolicy", json!({"PolicyType": "X"})).await,
            "InvalidInputException: INVALID_ENUM_POLICY_TYPE"
        );
    }
}
