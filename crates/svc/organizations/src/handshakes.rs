//! Handshakes: how they come to be, end and are forgotten.
//!
//! Source: Organizations User Guide, "Managing account invitations", "Enabling all features"; API Reference, "Handshake".

use garrison_api_organizations::errors as api;
use garrison_api_organizations::types::{HandshakeFilter, HandshakeParty, HandshakePartyType};
use garrison_schema::ApiError;
use garrison_store::{Revision, WriteSet};

use crate::error::{self, Invalid};
use crate::id;
use crate::records::{
    Action, Handshake, HandshakeState, Organization, Party, Standing, Tags, Transfer, TransferState,
};
use crate::repo::{self, Repo};
use crate::scene::Seat;
use crate::service::Organizations;

const DAY: i64 = 86_400_000;
/// How long an invitation is open.
const INVITATION: i64 = 15 * DAY;
/// How long enabling all features may take.
const ALL_FEATURES: i64 = 90 * DAY;
/// How long a handshake is shown after its end.
const AFTERLIFE: i64 = 30 * DAY;

impl Party {
    /// The account or email; none for the organization itself.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Account(name) | Self::Email(name) => Some(name),
            Self::Organization => None,
        }
    }

    /// Whether an account of this standing is meant.
    pub(crate) fn is(&self, account: &str, standing: &Standing) -> bool {
        match self {
            Self::Account(id) => id == account,
            Self::Email(email) => email.eq_ignore_ascii_case(&standing.email),
            Self::Organization => false,
        }
    }
}

impl HandshakeState {
    /// Whether it waits for somebody.
    pub(crate) fn is_alive(self) -> bool {
        matches!(self, Self::Open | Self::Requested)
    }
}

impl Handshake {
    /// A new handshake that an organization sends at `now`.
    pub(crate) fn new(
        service: &Organizations,
        org: &Organization,
        management: &Standing,
        action: Action,
        party: Party,
        now: i64,
    ) -> Self {
        let lasts = match action {
            Action::Invite | Action::TransferResponsibility => INVITATION,
            Action::EnableAllFeatures | Action::ApproveAllFeatures => ALL_FEATURES,
        };
        Self {
            id: id::new(service.kernel(), "h-", 32),
            action,
            state: HandshakeState::Open,
            organization: org.id.clone(),
            management: org.management.clone(),
            management_name: management.name.clone(),
            management_email: management.email.clone(),
            features: org.features,
            party,
            requested: now,
            expires: now + lasts,
            due: now + lasts,
            notes: None,
            parent: None,
            transfer: None,
            tags: Tags::new(),
        }
    }

    /// The same, ended at `now`.
    pub(crate) fn ended(self, state: HandshakeState, now: i64) -> Self {
        Self { state, due: now + AFTERLIFE, ..self }
    }

    /// Whether `seat` is the management account that sent it.
    pub(crate) fn was_sent_by(&self, seat: Option<&Seat>) -> bool {
        seat.is_some_and(|seat| seat.org.id == self.organization && seat.is_management())
    }

    /// Refuses to end a handshake that has ended.
    ///
    /// # Errors
    /// `HandshakeAlreadyInStateException` when it is as it should become, else `InvalidHandshakeTransitionException`.
    pub(crate) fn check_alive(&self, wanted: HandshakeState) -> Result<(), ApiError> {
        if self.state.is_alive() {
            Ok(())
        } else if self.state == wanted {
            Err(api::handshake_already_in_state_exception("The handshake is already in the requested state."))
        } else {
            Err(api::invalid_handshake_transition_exception(
                "You can't perform the operation on the handshake in its current state.",
            ))
        }
    }
}

impl From<HandshakeState> for TransferState {
    /// How a transfer goes on with its handshake.
    fn from(state: HandshakeState) -> Self {
        match state {
            HandshakeState::Accepted => Self::Accepted,
            HandshakeState::Declined => Self::Declined,
            HandshakeState::Canceled => Self::Canceled,
            HandshakeState::Expired => Self::Expired,
            HandshakeState::Open | HandshakeState::Requested => Self::Requested,
        }
    }
}

impl Repo {
    /// A handshake that the caller has something to do with, with its revision.
    ///
    /// # Errors
    /// `HandshakeNotFoundException`.
    pub(crate) async fn find_handshake(&self, id: &str) -> Result<(Handshake, Revision), ApiError> {
        self.handshake(id).await?.ok_or_else(error::handshake_not_found)
    }

    /// Ends a handshake that is not accepted, with what depends on it. Gives it as it is then.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn end_handshake(
        &self,
        writes: &mut WriteSet,
        (handshake, was): (Handshake, Revision),
        state: HandshakeState,
        now: i64,
    ) -> Result<Handshake, ApiError> {
        let due = handshake.due;
        let ended = handshake.ended(state, now);
        repo::next_handshake(writes, &ended, due, was);
        if let Some(id) = &ended.transfer
            && let Some((transfer, was)) = self.transfer(id).await?
        {
            let next = Transfer { state: state.into(), handshake: None, ..transfer };
            repo::put_transfer(writes, &next, Some(was));
        }
        // All features need everybody: without one member's approval the whole process ends, and the other way round.
        let follows = match state {
            HandshakeState::Expired => HandshakeState::Expired,
            _ => HandshakeState::Canceled,
        };
        for (other, was) in self.relatives(&ended).await? {
            let due = other.due;
            repo::next_handshake(writes, &other.ended(follows, now), due, was);
        }
        Ok(ended)
    }

    /// The other living handshakes of the same process of enabling all features.
    pub(crate) async fn relatives(
        &self,
        handshake: &Handshake,
    ) -> Result<Vec<(Handshake, Revision)>, ApiError> {
        if !matches!(handshake.action, Action::EnableAllFeatures | Action::ApproveAllFeatures) {
            return Ok(Vec::new());
        }
        let root = handshake.parent.as_deref().unwrap_or(&handshake.id);
        let mut relatives = Vec::new();
        for other in self.sent(&handshake.organization).await? {
            let related = other.id == root || other.parent.as_deref() == Some(root);
            if related && other.id != handshake.id && other.state.is_alive() {
                relatives.extend(self.handshake(&other.id).await?);
            }
        }
        Ok(relatives)
    }
}

impl Handshake {
    /// What somebody reads whom a handshake does not concern: its organization's accounts that they may not, others that
    /// there is none.
    pub(crate) fn refuse_stranger(&self, seat: Option<&Seat>) -> ApiError {
        if seat.is_some_and(|seat| seat.org.id == self.organization) {
            error::not_permitted()
        } else {
            error::handshake_not_found()
        }
    }
}

/// Whom a caller names.
///
/// # Errors
/// `InvalidInputException`.
pub(crate) fn party(target: &HandshakeParty) -> Result<Party, ApiError> {
    let name = target.id.to_string();
    match target.r#type {
        HandshakePartyType::Account if id::kind(&name) == Some(id::Kind::Account) => Ok(Party::Account(name)),
        HandshakePartyType::Account => Err(error::invalid(
            Invalid::InvalidPattern,
            "You provided a value that does not match the required pattern.",
        )),
        HandshakePartyType::Email => {
            let has_form =
                name.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
            if has_form && !name.contains(char::is_whitespace) {
                return Ok(Party::Email(name));
            }
            Err(error::invalid(
                Invalid::InvalidEmailAddressTarget,
                "You specified an invalid email address for the invited account owner.",
            ))
        }
        HandshakePartyType::Organization | HandshakePartyType::Unknown(_) => Err(error::invalid(
            Invalid::InvalidPartyTypeTarget,
            "You specified the wrong type of entity (account, organization, or email) as a party.",
        )),
    }
}

/// Keeps the handshakes that a caller wants to see.
///
/// # Errors
/// `InvalidInputException` for more than one wish.
pub(crate) fn filter(found: &mut Vec<Handshake>, filter: Option<&HandshakeFilter>) -> Result<(), ApiError> {
    let Some(filter) = filter else { return Ok(()) };
    match (&filter.action_type, &filter.parent_handshake_id) {
        (Some(_), Some(_)) => {
            return Err(error::invalid(
                Invalid::MaxLimitExceededFilter,
                "You can specify only one filter parameter for the operation.",
            ));
        }
        (Some(action), None) => found.retain(|handshake| handshake.action.shown() == *action),
        (None, Some(parent)) => found.retain(|handshake| handshake.parent.as_ref() == Some(parent)),
        (None, None) => {}
    }
    Ok(())
}
