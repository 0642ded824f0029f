//! `MoveAccount`. Source: Organizations API Reference, "MoveAccount".
//!
//! Action `organizations:MoveAccount` on the account, where it is and where it goes.

use garrison_api_organizations::{errors, operations};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Unit};

use crate::act::Act;
use crate::records::Account;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::MoveAccount {
    const ACCESS: Access = Access::write("organizations:MoveAccount");
    const CALLERS: Callers = Callers::Management;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.account_id, &input.source_parent_id, &input.destination_parent_id])
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        let account = repo.member(&org.id, &input.account_id).await?;
        if account.parent != input.source_parent_id {
            return Err(errors::source_parent_not_found_exception(
                "You specified a source parent that doesn't exist.",
            ));
        }
        if repo.parent(org, &input.destination_parent_id).await.is_err() {
            return Err(errors::destination_parent_not_found_exception(
                "You specified a destination parent that doesn't exist.",
            ));
        }
        if account.parent == input.destination_parent_id {
            return Err(errors::duplicate_account_exception(
                "The account is already present in the specified destination.",
            ));
        }
        let mut change = seat.change();
        let moved = Account { parent: input.destination_parent_id.clone(), ..account };
        change.account(&moved, Some(&input.source_parent_id));
        Ok(Reply::with_writes(Unit, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World};

    #[tokio::test]
    async fn an_account_moves_between_parents() {
        let world = World::new().await;
        let root = world.root().await;
        let unit = world.unit(&root, "u").await;
        let account = world.account("a").await;
        world.move_account(&account, &root, &unit).await;
        for (account, from, to, expected) in [
            (OTHER, &root, &unit, "AccountNotFoundException"),
            (&account, &root, &unit, "SourceParentNotFoundException"),
            (&account, &unit, &unit, "DuplicateAccountException"),
            (&account, &unit, &"ou-abcd-abcdefgh".to_owned(), "DestinationParentNotFoundException"),
        ] {
            let input = json!({"AccountId": account, "SourceParentId": from, "DestinationParentId": to});
            assert_eq!(world.refused("MoveAccount", input).await, expected);
        }
        world.move_account(&account, &unit, &root).await;
        let parents = world.ok("ListParents", json!({"ChildId": account})).await;
        assert_eq!(parents["Parents"][0]["Id"], root.as_str());
    }
}
