//! What happens when a handshake is accepted.
//!
//! Source: Organizations API Reference, "AcceptHandshake".

use garrison_api_organizations::errors;
use garrison_kernel::Context;
use garrison_schema::ApiError;
use garrison_store::{Revision, WriteSet};

use crate::creation::PRINCIPAL;
use crate::error;
use crate::members;
use crate::records::{
    Account, FeatureSet, Handshake, HandshakeState, Joined, Organization, Standing, Transfer, TransferState,
};
use crate::repo::{Change, Repo};
use crate::scene::Seat;
use crate::service::Organizations;

/// The caller's account joins the organization that invited it, and leaves the one that it is in.
///
/// # Errors
/// `MasterCannotLeaveOrganizationException`, `ConstraintViolationException`, `HandshakeNotFoundException`.
pub(crate) async fn join(
    service: &Organizations,
    cx: &Context,
    handshake: &Handshake,
    was: Revision,
) -> Result<WriteSet, ApiError> {
    let (repo, account, now) = (service.repo(), cx.account(), cx.time.as_millis());
    let (org, guard) = sender(repo, handshake).await?;
    repo.check_room(&org).await?;
    let mut change = Change::of(&org.id, guard);
    let (standing, stood) = repo.standing_of(account.as_str()).await?;
    if let Some(left) = repo.seat(account).await? {
        if left.org.management == account.as_str() {
            return Err(errors::master_cannot_leave_organization_exception(
                "You can't remove the management account from an organization.",
            ));
        }
        repo.check_undelegated(&left.org.id, account.as_str()).await?;
        let mut leaving = left.change();
        let member = repo.member(&left.org.id, account.as_str()).await?;
        repo.leave(&mut leaving, &left.org.id, &member).await?;
        change.merge(leaving.finish());
    }
    let member = Account {
        id: account.to_string(),
        name: standing.name.clone(),
        email: standing.email.clone(),
        joined: Joined::Invited,
        joined_at: now,
        closed: None,
        parent: org.root.clone(),
        tags: handshake.tags.clone(),
    };
    change.account(&member, None);
    members::attach_defaults(&mut change, &org, &member.id, now);
    change.standing(&member.id, stood, &Standing { organization: Some(org.id.clone()), ..standing });
    if org.features == FeatureSet::All {
        change.merge(service.roles().service_linked_role(account, PRINCIPAL, cx.time).await?);
    }
    end(&mut change, handshake, was, now);
    Ok(change.finish())
}

/// The management account ends the process of enabling all features.
///
/// # Errors
/// `InvalidHandshakeTransitionException` as long as an account has not approved.
pub(crate) async fn enable_all_features(
    service: &Organizations,
    cx: &Context,
    handshake: &Handshake,
    was: Revision,
) -> Result<WriteSet, ApiError> {
    let repo = service.repo();
    if handshake.state != HandshakeState::Open {
        return Err(errors::invalid_handshake_transition_exception(
            "Every invited account must approve before you can enable all features.",
        ));
    }
    let (org, guard) = sender(repo, handshake).await?;
    let mut change = Change::of(&org.id, guard);
    change.organization(&Organization { features: FeatureSet::All, ..org });
    change.merge(service.roles().service_linked_role(cx.account(), PRINCIPAL, cx.time).await?);
    end(&mut change, handshake, was, cx.time.as_millis());
    Ok(change.finish())
}

/// An invited account approves; the last one lets the management account finish.
///
/// # Errors
/// The store's.
pub(crate) async fn approve_all_features(
    repo: &Repo,
    cx: &Context,
    handshake: &Handshake,
    was: Revision,
) -> Result<WriteSet, ApiError> {
    let (org, guard) = sender(repo, handshake).await?;
    let mut change = Change::of(&org.id, guard);
    let mut relatives = repo.relatives(handshake).await?;
    if let [(whole, whole_was)] = relatives.as_mut_slice() {
        whole.state = HandshakeState::Open;
        change.handshake(whole, whole.due, *whole_was);
    }
    end(&mut change, handshake, was, cx.time.as_millis());
    Ok(change.finish())
}

/// The management account of an organization hands its responsibility over.
///
/// # Errors
/// `AccessDeniedException` for anybody else, `HandshakeNotFoundException` when the transfer is gone.
pub(crate) async fn transfer(
    repo: &Repo,
    cx: &Context,
    seat: &Seat,
    handshake: &Handshake,
    was: Revision,
) -> Result<WriteSet, ApiError> {
    if !seat.is_management() {
        return Err(error::not_permitted());
    }
    let id = handshake.transfer.as_deref().unwrap_or_default();
    let (transfer, transfer_was) = repo.transfer(id).await?.ok_or_else(error::handshake_not_found)?;
    let accepted = Transfer { state: TransferState::Accepted, handshake: None, ..transfer };
    let mut change = seat.change();
    change.transfer(&accepted, Some(transfer_was));
    end(&mut change, handshake, was, cx.time.as_millis());
    Ok(change.finish())
}

async fn sender(repo: &Repo, handshake: &Handshake) -> Result<(Organization, Revision), ApiError> {
    let guard = repo.guard(&handshake.organization).await?.ok_or_else(error::handshake_not_found)?;
    let org = repo.organization(&handshake.organization).await?.ok_or_else(error::handshake_not_found)?;
    Ok((org, guard))
}

fn end(change: &mut Change, handshake: &Handshake, was: Revision, now: i64) {
    let ended = handshake.clone().ended(HandshakeState::Accepted, now);
    change.handshake(&ended, handshake.due, was);
}
