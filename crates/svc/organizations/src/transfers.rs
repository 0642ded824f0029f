//! Responsibility transfers: one organization's management account answers for another organization's bill.
//!
//! Source: Organizations API Reference, "ResponsibilityTransfer", "InviteOrganizationToTransferResponsibility",
//! "TerminateResponsibilityTransfer". There are no bills here: a transfer is an agreement and nothing more.

use garrison_api_organizations::types::ResponsibilityTransferType;
use garrison_schema::ApiError;
use garrison_store::Revision;
use garrison_types::Timestamp;

use crate::error::{self, HandshakeConstraint, Invalid};
use crate::records::{Organization, Participant, Party, Transfer};
use crate::repo::Repo;

const DAY: i64 = 86_400_000;
/// How far ahead a transfer may begin.
const LATEST_START: i64 = 366 * DAY;

impl Transfer {
    /// Whether an organization is one of its sides.
    pub(crate) fn concerns(&self, org: &str) -> bool {
        self.source.organization == org || self.target.organization == org
    }
}

impl Repo {
    /// A transfer that an organization is a side of.
    ///
    /// # Errors
    /// `ResponsibilityTransferNotFoundException`.
    pub(crate) async fn find_transfer(&self, org: &str, id: &str) -> Result<(Transfer, Revision), ApiError> {
        let found = self.transfer(id).await?.filter(|(transfer, _)| transfer.concerns(org));
        found.ok_or_else(error::transfer_not_found)
    }

    /// The management account that an organization asks to hand its responsibility over.
    ///
    /// # Errors
    /// `HandshakeConstraintViolationException`: the account manages no organization, or the asking one, or one that hands
    /// its responsibility over already.
    pub(crate) async fn source_of_transfer(
        &self,
        org: &Organization,
        party: &Party,
    ) -> Result<Participant, ApiError> {
        let account = match party {
            Party::Account(id) => Some(id.clone()),
            Party::Email(email) => self.owner_of_email(email).await?,
            Party::Organization => None,
        };
        let refused = |reason, message| Err(error::handshake_constraint(reason, message));
        let unmanaged = HandshakeConstraint::TargetAccountValidationFailure;
        let Some(account) = account else { return refused(unmanaged, "The account doesn't exist.") };
        if account == org.management {
            let message = "You can't invite your own organization.";
            return refused(HandshakeConstraint::SourceAndTargetCannotMatch, message);
        }
        let (standing, _) = self.standing_of(&account).await?;
        let source = match &standing.organization {
            Some(id) => self.organization(id).await?.filter(|source| source.management == account),
            None => None,
        };
        let Some(source) = source else {
            return refused(unmanaged, "The account isn't the management account of an organization.");
        };
        if self.transfers(&source.id, "outbound").await?.iter().any(|transfer| transfer.state.is_alive()) {
            let message = "The organization already transfers this responsibility.";
            return refused(HandshakeConstraint::ResponsibilityTransferAlreadyExists, message);
        }
        Ok(Participant { account, email: standing.email, organization: source.id })
    }
}

/// Refuses what is no type of transfer.
///
/// # Errors
/// `InvalidInputException`.
pub(crate) fn check_type(kind: &ResponsibilityTransferType) -> Result<(), ApiError> {
    match kind {
        ResponsibilityTransferType::Billing => Ok(()),
        ResponsibilityTransferType::Unknown(_) => {
            Err(error::invalid(Invalid::InvalidEnum, "You specified an invalid value."))
        }
    }
}

/// Refuses a start that is not the beginning of a month to come.
///
/// # Errors
/// `InvalidInputException`.
pub(crate) fn check_start(start: Timestamp, now: Timestamp) -> Result<(), ApiError> {
    let (_, _, day, hour, minute, second, millis) = start.civil();
    let refused = |reason, message| Err(error::invalid(reason, message));
    if (hour, minute, second, millis) != (0, 0, 0, 0) {
        return refused(
            Invalid::StartDateNotBeginningOfDay,
            "The start date must be the beginning of the day.",
        );
    }
    if day != 1 {
        return refused(
            Invalid::StartDateNotBeginningOfMonth,
            "The start date must be the first day of the month.",
        );
    }
    if start <= now {
        return refused(Invalid::StartDateTooEarly, "The start date is too early.");
    }
    if start.as_millis() > now.as_millis() + LATEST_START {
        return refused(Invalid::StartDateTooLate, "The start date is too late.");
    }
    Ok(())
}

/// When a transfer ends: as asked, else with this month. In milliseconds.
///
/// # Errors
/// `InvalidInputException` when it is not the last millisecond of a month to come.
pub(crate) fn end(asked: Option<Timestamp>, now: Timestamp) -> Result<i64, ApiError> {
    let ends_month = |time: Timestamp| {
        let (_, _, day, hour, minute, second, millis) = Timestamp::from_millis(time.as_millis() + 1).civil();
        (day, hour, minute, second, millis) == (1, 0, 0, 0, 0)
    };
    match asked {
        Some(end) if !ends_month(end) => Err(error::invalid(
            Invalid::EndDateNotEndOfMonth,
            "The end date must be the end of the last day of the month.",
        )),
        Some(end) if end < now => Err(error::invalid(Invalid::EndDateTooEarly, "The end date is too early.")),
        Some(end) => Ok(end.as_millis()),
        None => {
            let today = now.as_millis() - now.as_millis().rem_euclid(DAY);
            let last = (1..=31).map(|day| today + day * DAY - 1);
            let end = last.into_iter().find(|end| ends_month(Timestamp::from_millis(*end)));
            Ok(end.unwrap_or(today))
        }
    }
}
