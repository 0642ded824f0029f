//! The audit log trait: every call, allowed or refused, durable before the answer where it matters.

use std::future::Future;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use garrison_types::{AccountId, Region, Timestamp};

use crate::store::{Health, StoreError};

/// One call's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// The event's id, unique for ever: a record that is replayed is stored once.
    pub event_id: [u8; 16],
    /// When it happened (resource time).
    pub time: Timestamp,
    /// The account whose record it is.
    pub account: AccountId,
    /// The region that was called.
    pub region: Region,
    /// The attributes that `LookupEvents` finds it by.
    pub event_name: String,
    /// For example `kms.amazonaws.com`.
    pub event_source: String,
    /// The user or role session name, when there is one.
    pub username: Option<String>,
    /// The access key id that signed the call, when there is one.
    pub access_key_id: Option<String>,
    /// The call changes nothing.
    pub read_only: bool,
    /// Type and name of each resource, for example `AWS::KMS::Key` and the key's ARN.
    pub resources: Vec<(String, String)>,
    /// The whole CloudTrail record as JSON.
    pub json: Bytes,
}

/// The log cannot take a record: the call must fail.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the audit log cannot take a record: {0}")]
pub struct AuditUnavailable(pub String);

/// Room in the log that is set aside for one call's record; dropping it gives the room back.
pub trait AuditReservation: Send {
    /// Puts the record into the log. The future resolves once it is durable; the record is in the log (and will
    /// be durable) even when nobody waits.
    fn append(self: Box<Self>, record: AuditRecord) -> AuditAppend;
}

/// Resolves once an appended record is durable.
pub type AuditAppend = Pin<Box<dyn Future<Output = Result<(), AuditUnavailable>> + Send>>;

/// An attribute to look records up by, as `LookupEvents` names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditAttribute {
    /// `AccessKeyId`.
    AccessKeyId(String),
    /// `EventId`, a UUID.
    EventId([u8; 16]),
    /// `EventName`.
    EventName(String),
    /// `EventSource`.
    EventSource(String),
    /// `ReadOnly`.
    ReadOnly(bool),
    /// `ResourceName`.
    ResourceName(String),
    /// `ResourceType`.
    ResourceType(String),
    /// `Username`.
    Username(String),
}

/// Which records are wanted, newest first.
#[derive(Debug, Clone)]
pub struct AuditQuery {
    /// Of this account.
    pub account: AccountId,
    /// In this region.
    pub region: Region,
    /// Not before this time.
    pub from: Timestamp,
    /// Not after this time.
    pub to: Timestamp,
    /// With this attribute.
    pub attribute: Option<AuditAttribute>,
    /// At most so many.
    pub limit: usize,
    /// Where the page before this one ended (its [`AuditPage::next`]).
    pub after: Option<Bytes>,
}

/// A page of records, newest first.
#[derive(Debug, Clone)]
pub struct AuditPage {
    /// The records.
    pub records: Vec<AuditRecord>,
    /// Where the next page starts, when there is one.
    pub next: Option<Bytes>,
}

/// The log.
#[async_trait]
pub trait AuditLog: Send + Sync + 'static {
    /// Sets room aside for one record of at most `bytes` bytes. Cheap: it touches memory, not the disk, unless
    /// a new segment is due.
    ///
    /// # Errors
    /// There is no room, or the log is failing.
    fn reserve(&self, bytes: usize) -> Result<Box<dyn AuditReservation>, AuditUnavailable>;

    /// Finds records, those included that were appended before this call and are not durable yet.
    async fn lookup(&self, query: &AuditQuery) -> Result<AuditPage, StoreError>;

    /// Waits until everything appended before this call is durable.
    async fn flush(&self) -> Result<(), AuditUnavailable>;

    /// Whether it can take records.
    fn health(&self) -> Health;
}
