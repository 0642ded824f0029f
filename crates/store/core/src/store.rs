//! The store trait.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::key::{Key, KeyRange};
use crate::write_set::{OutboxEvent, WriteSet};

/// The number of a commit: 1 for the first, each later one greater. 0 is the empty store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revision(pub u64);

/// A record as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub key: Key,
    /// Its value, in a versioned form of its owner's.
    pub value: Bytes,
    /// The commit that wrote it.
    pub revision: Revision,
}

/// The store could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// No room: the disk or the database's quota is full. Nothing was changed.
    #[error("the store is full: {0}")]
    Full(String),
    /// The store cannot be reached or fails; a later call may succeed.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// What was read is not what was written.
    #[error("the store is corrupt: {0}")]
    Corrupt(String),
}

/// A commit did not happen.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// A precondition no longer holds: read again and retry.
    #[error("the records changed since they were read")]
    Conflict,
    /// The store failed; whether the commit happened is unknown only for [`StoreError::Unavailable`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Hears of every commit on this node before the commit returns to its caller.
pub trait Observer: Send + Sync {
    /// These keys were written or deleted at `revision`. Must be quick, must not call the store.
    fn committed(&self, revision: Revision, keys: &[Key]);
}

/// Whether a backend can serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It can.
    Ok,
    /// It refuses, for this reason, until the reason is gone.
    Degraded(String),
}

/// Ordered records with revisions and serializable commits.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// The record under a key.
    async fn get(&self, key: &Key) -> Result<Option<Entry>, StoreError>;

    /// At most `limit` records of a range in key order, and the revision that the whole page was read at.
    async fn scan(&self, range: &KeyRange, limit: usize) -> Result<(Vec<Entry>, Revision), StoreError>;

    /// The newest revision.
    async fn revision(&self) -> Result<Revision, StoreError>;

    /// Applies a write set, durably, serializably, whole or not at all.
    ///
    /// # Errors
    /// [`CommitError::Conflict`] when a precondition does not hold.
    async fn commit(&self, writes: WriteSet) -> Result<Revision, CommitError>;

    /// Registers who hears of commits. Registered observers stay for the life of the store.
    fn observe(&self, observer: Arc<dyn Observer>);

    /// At most `limit` outbox events behind sequence number `after`, oldest first.
    async fn outbox(&self, after: u64, limit: usize) -> Result<Vec<(u64, OutboxEvent)>, StoreError>;

    /// Forgets the outbox events up to and including sequence number `up_to`.
    async fn trim_outbox(&self, up_to: u64) -> Result<(), StoreError>;

    /// Writes a consistent copy of records and audit log to an empty or absent folder while calls go on.
    async fn backup(&self, folder: &Path) -> Result<(), StoreError>;

    /// Removes every record, audit record and outbox event: development mode's reset.
    async fn reset(&self) -> Result<(), StoreError>;

    /// Whether it can serve.
    fn health(&self) -> Health;
}
