//! The stored forms, with versions: JSON with the version in `v`. Only here is serde used.
//!
//! A form that has been released is never changed: a new version is added beside it with a conversion, and `testdata/` keeps
//! a sample of each. Times are milliseconds since the epoch; accounts are their twelve digits.

use std::collections::{BTreeMap, BTreeSet};

use garrison_kernel::errors;
use garrison_schema::ApiError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Tags by their keys.
pub(crate) type Tags = BTreeMap<String, String>;

/// A record in its first version, which every kind of record still is in.
#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum Versioned<T> {
    #[serde(rename = "1")]
    V1(T),
}

/// The stored form of a record.
pub(crate) fn write<T: Serialize>(record: &T) -> Vec<u8> {
    // Maps have text keys and nothing fails to serialize, so the fallback is never taken; it would not read.
    serde_json::to_vec(&Versioned::V1(record)).unwrap_or_default()
}

/// Reads a stored record.
///
/// # Errors
/// `InternalFailure`: it is damaged or of a newer version.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let Versioned::V1(record) = serde_json::from_slice(bytes).map_err(errors::internal)?;
    Ok(record)
}

/// Which features an organization has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum FeatureSet {
    All,
    ConsolidatedBilling,
}

/// An organization with its root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Organization {
    /// `o-…`.
    pub id: String,
    /// The management account.
    pub management: String,
    /// `r-…`.
    pub root: String,
    pub features: FeatureSet,
    pub created: i64,
    /// The policy types that are enabled in the root, as the interface writes them.
    pub policy_types: BTreeSet<String>,
    /// The root's tags.
    pub tags: Tags,
}

/// How an account came to its organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Joined {
    Created,
    Invited,
}

/// An account of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    pub id: String,
    pub name: String,
    pub email: String,
    pub joined: Joined,
    pub joined_at: i64,
    /// When it was closed, if it was.
    pub closed: Option<i64>,
    /// The root or unit that it is in.
    pub parent: String,
    pub tags: Tags,
}

/// An account, whether it is in an organization or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    /// The organization that it is in.
    pub organization: Option<String>,
    pub name: String,
    pub email: String,
    /// Whether it was closed: then nobody in it may do anything.
    pub closed: bool,
}

/// Whose an email is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EmailOwner {
    pub account: String,
}

/// An organizational unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrganizationalUnit {
    pub id: String,
    pub name: String,
    /// The root or unit that it is in.
    pub parent: String,
    pub tags: Tags,
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub id: String,
    /// The type as the interface writes it.
    pub kind: String,
    pub name: String,
    pub description: String,
    pub content: String,
    pub updated: i64,
    pub tags: Tags,
}

/// That a policy hangs on a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attachment {
    pub at: i64,
}

/// How a request for an account ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Creation {
    /// `car-…`.
    pub id: String,
    pub name: String,
    pub requested: i64,
    pub completed: i64,
    /// The account, and the one in GovCloud, when they were made.
    pub account: Option<String>,
    pub gov_cloud_account: Option<String>,
    /// Why it failed, as the interface writes it.
    pub failure: Option<String>,
}

/// What a handshake is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Action {
    Invite,
    EnableAllFeatures,
    ApproveAllFeatures,
    TransferResponsibility,
}

/// Where a handshake stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum HandshakeState {
    Requested,
    Open,
    Canceled,
    Accepted,
    Declined,
    Expired,
}

/// Who is asked, as the sender named it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Party {
    Account(String),
    Email(String),
    /// The organization itself: its management account.
    Organization,
}

/// A handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Handshake {
    /// `h-…`.
    pub id: String,
    pub action: Action,
    pub state: HandshakeState,
    /// The organization that sent it.
    pub organization: String,
    /// Its management account, that account's name and email, and its features, when it was sent.
    pub management: String,
    pub management_name: String,
    pub management_email: String,
    pub features: FeatureSet,
    pub party: Party,
    pub requested: i64,
    pub expires: i64,
    /// When the record changes by itself next: it expires, or, at its end, is forgotten.
    pub due: i64,
    pub notes: Option<String>,
    /// The handshake that this one is part of.
    pub parent: Option<String>,
    /// The transfer that it is about.
    pub transfer: Option<String>,
    /// The tags of the account that joins.
    pub tags: Tags,
}

/// Where a transfer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TransferState {
    Requested,
    Declined,
    Canceled,
    Expired,
    Accepted,
    Withdrawn,
}

/// One side of a transfer: a management account and its organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Participant {
    pub account: String,
    pub email: String,
    pub organization: String,
}

/// That one organization's management account answers for another organization's bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Transfer {
    /// `rt-…`.
    pub id: String,
    pub name: String,
    pub state: TransferState,
    /// Whose responsibility it was.
    pub source: Participant,
    /// Whose it becomes: who sent the invitation.
    pub target: Participant,
    pub starts: i64,
    pub ends: Option<i64>,
    pub handshake: Option<String>,
    pub tags: Tags,
}

/// That a service may work in the organization, or an account administer it for a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Enabled {
    pub at: i64,
}

/// The organization's resource policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResourcePolicy {
    /// `rp-…`.
    pub id: String,
    pub content: String,
    pub tags: Tags,
}

#[cfg(test)]
#[path = "records_tests.rs"]
mod tests;
