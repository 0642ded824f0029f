//! The store keys of Organizations.
//!
//! ```text
//! organizations / org                              the organization and its root
//! organizations / org / guard                      nothing: its revision is the last change within the organization
//! organizations / org / account / id               an account
//! organizations / org / unit / id                  a unit
//! organizations / org / child / parent / account | unit / id
//!                                                  nothing: what is in a root or unit
//! organizations / org / policy / id                a policy
//! organizations / org / attached / target / type / policy
//!                                                  that the policy hangs on the target
//! organizations / org / target / policy / target   nothing: the same the other way round
//! organizations / org / creation / id              a request for an account
//! organizations / org / handshake / id             nothing: the handshakes that it sent
//! organizations / org / service / principal        that the service may work in the organization
//! organizations / org / delegate / account / principal
//!                                                  that the account administers the organization for the service
//! organizations / org / resource-policy            the resource policy
//! organizations / org / inbound | outbound / id    nothing: the transfers that it is a side of
//! organizations-account / account                  the account's name and email, and which organization it is in
//! organizations-email / email                      the account with this email
//! organizations-handshake / id                     a handshake
//! organizations-party / account | email / id       nothing: the handshakes that somebody was sent
//! organizations-transfer / id                      a transfer
//! organizations-due / time / handshake / id        when a handshake changes by itself
//! organizations-due / time / closure / org / id    when a closed account is gone
//! ```

use garrison_store::Key;

/// The first component of everything that belongs to one organization.
pub(crate) const ORGANIZATIONS: &str = "organizations";
/// The first component of accounts' standing.
pub(crate) const STANDINGS: &str = "organizations-account";
/// The first component of what falls due.
pub(crate) const DUE: &str = "organizations-due";

pub(crate) fn organization(org: &str) -> Key {
    Key::of(&[ORGANIZATIONS, org])
}

pub(crate) fn guard(org: &str) -> Key {
    Key::of(&[ORGANIZATIONS, org, "guard"])
}

pub(crate) fn account(org: &str, id: &str) -> Key {
    Key::of(&[ORGANIZATIONS, org, "account", id])
}

pub(crate) fn unit(org: &str, id: &str) -> Key {
    Key::of(&[ORGANIZATIONS, org, "unit", id])
}

/// `kind` is `account` or `unit`.
pub(crate) fn child(org: &str, parent: &str, kind: &str, id: &str) -> Key {
    Key::of(&[ORGANIZATIONS, org, "child", parent, kind, id])
}

pub(crate) fn policy(org: &str, id: &str) -> Key {
    Key::of(&[ORGANIZATIONS, org, "policy", id])
}

pub(crate) fn attached(org: &str, target: &str, kind: &str, policy: &str) -> Key {
    Key::of(&[ORGANIZATIONS, org, "attached", target, kind, policy])
}

pub(crate) fn target(org: &str, policy: &str, target: &str) -> Key {
    Key::of(&[ORGANIZATIONS, org, "target", policy, target])
}

pub(crate) fn creation(org: &str, id: &str) -> Key {
    Key::of(&[ORGANIZATIONS, org, "creation", id])
}

pub(crate) fn sent(org: &str, handshake: &str) -> Key {
    Key::of(&[ORGANIZATIONS, org, "handshake", handshake])
}

pub(crate) fn service(org: &str, principal: &str) -> Key {
    Key::of(&[ORGANIZATIONS, org, "service", principal])
}

pub(crate) fn delegate(org: &str, account: &str, principal: &str) -> Key {
    Key::of(&[ORGANIZATIONS, org, "delegate", account, principal])
}

pub(crate) fn resource_policy(org: &str) -> Key {
    Key::of(&[ORGANIZATIONS, org, "resource-policy"])
}

/// `direction` is `inbound` or `outbound`.
pub(crate) fn transfer_of(org: &str, direction: &str, id: &str) -> Key {
    Key::of(&[ORGANIZATIONS, org, direction, id])
}

pub(crate) fn standing(account: &str) -> Key {
    Key::of(&[STANDINGS, account])
}

/// Emails are the same whatever their case.
pub(crate) fn email(address: &str) -> Key {
    Key::of(&["organizations-email", &address.to_lowercase()])
}

pub(crate) fn handshake(id: &str) -> Key {
    Key::of(&["organizations-handshake", id])
}

pub(crate) fn received(party: &str, handshake: &str) -> Key {
    Key::of(&["organizations-party", &party.to_lowercase(), handshake])
}

pub(crate) fn transfer(id: &str) -> Key {
    Key::of(&["organizations-transfer", id])
}

/// Nineteen digits hold every time, so that the order of the texts is the order of the times.
fn at(time: i64) -> String {
    format!("{:019}", time.max(0))
}

pub(crate) fn handshake_due(time: i64, id: &str) -> Key {
    Key::of(&[DUE, &at(time), "handshake", id])
}

pub(crate) fn closure_due(time: i64, org: &str, account: &str) -> Key {
    Key::of(&[DUE, &at(time), "closure", org, account])
}
