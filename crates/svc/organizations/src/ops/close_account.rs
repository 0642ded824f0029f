//! `CloseAccount`. Source: Organizations API Reference, "CloseAccount".
//!
//! Action `organizations:CloseAccount` on the account.

use garrison_api_organizations::{errors, operations};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Unit};

use crate::act::Act;
use crate::error::{self, Constraint};
use crate::records::{Account, FeatureSet, Standing};
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::CloseAccount {
    const ACCESS: Access = Access::write("organizations:CloseAccount");
    const CALLERS: Callers = Callers::Management;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.account_id])
    }

    async fn act(
        service: &Organizations,
        cx: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat, now) = (service.repo(), scene.seat()?, cx.time.as_millis());
        let org = &seat.org;
        if org.features != FeatureSet::All {
            return Err(error::constraint(
                Constraint::OrganizationNotInAllFeaturesMode,
                "You can close accounts only when all features are enabled in the organization.",
            ));
        }
        if input.account_id == org.management {
            return Err(error::constraint(
                Constraint::CannotCloseManagementAccount,
                "You cannot close the management account.",
            ));
        }
        let account = repo.member(&org.id, &input.account_id).await?;
        if account.closed.is_some() {
            return Err(errors::account_already_closed_exception("The account is already closed."));
        }
        let accounts = repo.accounts(&org.id).await?;
        let recent =
            accounts.iter().filter(|account| account.closed.is_some_and(|at| at > now - WINDOW)).count();
        if recent >= (accounts.len() / 5).clamp(MIN_CLOSURES, MAX_CLOSURES) {
            return Err(error::constraint(
                Constraint::CloseAccountQuotaExceeded,
                "You have exceeded close account quota for the past 30 days.",
            ));
        }
        let mut change = seat.change();
        change.account(&Account { closed: Some(now), ..account }, None);
        change.closure(&input.account_id, now + POST_CLOSURE);
        let (standing, was) = repo.standing_of(&input.account_id).await?;
        change.standing(&input.account_id, was, &Standing { closed: true, ..standing });
        Ok(Reply::with_writes(Unit, change.finish()))
    }
}

const DAY: i64 = 86_400_000;
/// The time that closures are counted over.
const WINDOW: i64 = 30 * DAY;
/// How long a closed account is still shown.
const POST_CLOSURE: i64 = 90 * DAY;
/// A fifth of the accounts may be closed within the window, but at least and at most so many.
const MIN_CLOSURES: usize = 250;
const MAX_CLOSURES: usize = 1000;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, OTHER, World};

    #[tokio::test]
    async fn a_closed_account_may_do_nothing_and_is_gone_after_ninety_days() {
        let world = World::new().await;
        let account = world.account("a").await;
        assert!(world.membership(&account).await.service_control.is_empty());
        world.ok("CloseAccount", json!({"AccountId": account})).await;
        let shown = world.ok("DescribeAccount", json!({"AccountId": account})).await["Account"].take();
        assert_eq!((&shown["Status"], &shown["State"]), (&json!("SUSPENDED"), &json!("CLOSED")));
        let barred = world.membership(&account).await;
        assert!(barred.service_control.iter().any(|level| level.is_empty()));
        assert_eq!(
            world.refused("CloseAccount", json!({"AccountId": account})).await,
            "AccountAlreadyClosedException"
        );
        world.advance(89).await;
        world.ok("DescribeAccount", json!({"AccountId": account})).await;
        world.advance(2).await;
        assert_eq!(
            world.refused("DescribeAccount", json!({"AccountId": account})).await,
            "AccountNotFoundException"
        );
        let barred = world.membership(&account).await;
        assert!(barred.service_control.iter().any(|level| level.is_empty()), "closed for good");
    }

    #[tokio::test]
    async fn not_every_account_can_be_closed() {
        let world = World::new().await;
        assert_eq!(
            world.refused("CloseAccount", json!({"AccountId": MANAGEMENT})).await,
            "ConstraintViolationException: CANNOT_CLOSE_MANAGEMENT_ACCOUNT"
        );
        assert_eq!(
            world.refused("CloseAccount", json!({"AccountId": OTHER})).await,
            "AccountNotFoundException"
        );
        world.ok_as(OTHER, "CreateOrganization", json!({"FeatureSet": "CONSOLIDATED_BILLING"})).await;
        assert_eq!(
            world.refused_as(OTHER, "CloseAccount", json!({"AccountId": OTHER})).await,
            "ConstraintViolationException: ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"
        );
    }
}
