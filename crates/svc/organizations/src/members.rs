//! How accounts come into organizations and leave them.

use garrison_api_organizations::errors;
use garrison_kernel::Kernel;
use garrison_schema::ApiError;
use garrison_store::{Revision, WriteSet};

use crate::error::{self, Constraint};
use crate::id;
use crate::policies;
use crate::records::{Account, Organization, Standing};
use crate::repo::{Change, Repo};
use crate::scene::Seat;

/// The most accounts of an organization: what AWS grants at most on request; its default is 10.
/// Source: Organizations User Guide, "Quotas and service limits for AWS Organizations".
pub(crate) const MAX_ACCOUNTS: usize = 10_000;

/// What the emails of accounts end with that were not made by an organization: their emails are made up.
const MADE_UP: &str = "@accounts.invalid";

impl Standing {
    /// The standing of an account that no organization knows yet.
    pub(crate) fn unknown(account: &str) -> Self {
        Self {
            organization: None,
            name: account.to_owned(),
            email: format!("{account}{MADE_UP}"),
            closed: false,
        }
    }
}

impl Repo {
    /// The name, email and organization of an account, and the revision of the record if there is one.
    ///
    /// # Errors
    /// The store's, as of every function here.
    pub(crate) async fn standing_of(&self, account: &str) -> Result<(Standing, Option<Revision>), ApiError> {
        Ok(match self.standing(account).await? {
            Some((standing, revision)) => (standing, Some(revision)),
            None => (Standing::unknown(account), None),
        })
    }

    /// The account that an email belongs to.
    pub(crate) async fn owner_of_email(&self, email: &str) -> Result<Option<String>, ApiError> {
        let made_up = email.strip_suffix(MADE_UP).filter(|name| id::kind(name) == Some(id::Kind::Account));
        match made_up {
            Some(account) => Ok(Some(account.to_owned())),
            None => self.account_of_email(email).await,
        }
    }

    /// Refuses one account more than an organization may have.
    ///
    /// # Errors
    /// `ConstraintViolationException`.
    pub(crate) async fn check_room(&self, org: &Organization) -> Result<(), ApiError> {
        if self.count_accounts(&org.id).await? < MAX_ACCOUNTS {
            return Ok(());
        }
        Err(error::constraint(
            Constraint::AccountNumberLimitExceeded,
            "You have exceeded the allowed number of AWS accounts.",
        ))
    }

    /// Takes an account out of an organization; its standing is written apart.
    pub(crate) async fn leave(
        &self,
        change: &mut Change,
        org: &str,
        account: &Account,
    ) -> Result<(), ApiError> {
        for (kind, policy) in self.attachments(org, &account.id).await? {
            change.detach(&kind, &policy, &account.id);
        }
        change.remove_account(account);
        Ok(())
    }

    /// Refuses to let go of an account that administers the organization for some service.
    ///
    /// # Errors
    /// `ConstraintViolationException`.
    pub(crate) async fn check_undelegated(&self, org: &str, account: &str) -> Result<(), ApiError> {
        if self.delegations(org, account).await?.is_empty() {
            return Ok(());
        }
        Err(error::constraint(
            Constraint::CannotRemoveDelegatedAdministratorFromOrg,
            "You cannot remove a delegated administrator from the organization. Deregister the account first.",
        ))
    }
}

/// Hangs what every new target has on one.
pub(crate) fn attach_defaults(change: &mut Change, org: &Organization, target: &str, now: i64) {
    for kind in &org.policy_types {
        if let Some(policy) = policies::default_of(kind) {
            change.attach(kind, policy, target, now);
        }
    }
}

/// A new account's id that nobody has yet.
///
/// # Errors
/// The store's.
pub(crate) async fn new_account_id(kernel: &Kernel, repo: &Repo) -> Result<String, ApiError> {
    loop {
        let account = id::new_account(kernel).to_string();
        if repo.standing(&account).await?.is_none() {
            return Ok(account);
        }
    }
}

impl Repo {
    /// Lets an account go, of its own accord or because the management account says so.
    ///
    /// # Errors
    /// `MasterCannotLeaveOrganizationException`, `AccountNotFoundException` or `ConstraintViolationException`.
    pub(crate) async fn depart(&self, seat: &Seat, id: &str) -> Result<WriteSet, ApiError> {
        let org = &seat.org;
        if id == org.management {
            return Err(errors::master_cannot_leave_organization_exception(
                "You can't remove the management account from an organization.",
            ));
        }
        let account = self.member(&org.id, id).await?;
        if account.closed.is_some() {
            return Err(error::constraint(
                Constraint::AccountCannotLeaveOrganization,
                "A closed account stays in its organization until it is closed permanently.",
            ));
        }
        self.check_undelegated(&org.id, id).await?;
        let (standing, was) = self.standing_of(id).await?;
        let mut change = seat.change();
        self.leave(&mut change, &org.id, &account).await?;
        change.standing(id, was, &Standing { organization: None, ..standing });
        Ok(change.finish())
    }
}
