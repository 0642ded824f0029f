//! What a handler wants to change.

use bytes::Bytes;

use crate::audit::AuditRecord;
use crate::key::{Key, KeyRange};
use crate::store::Revision;

/// What must still be true for a write set to apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// There is no record under this key.
    Absent(Key),
    /// The record under this key is the one that was written at this revision.
    AtRevision(Key, Revision),
    /// Nothing in this range was written or deleted after this revision: what a handler that counted or listed
    /// the range relies on.
    RangeUnchanged(KeyRange, Revision),
}

/// Something that other services want to hear of once it is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEvent {
    /// What kind of event, for example `kms.key-state`.
    pub topic: String,
    /// The event, in a versioned form of its topic's.
    pub payload: Bytes,
}

/// Puts, deletes and what belongs to them: applied whole or not at all.
#[derive(Debug, Clone, Default)]
pub struct WriteSet {
    /// Checked first, inside the transaction.
    pub preconditions: Vec<Precondition>,
    /// Records to write.
    pub puts: Vec<(Key, Bytes)>,
    /// Records to delete; absent ones are no error.
    pub deletes: Vec<Key>,
    /// The deleted and replaced values are secrets: when the commit returns, no file of the store holds them,
    /// neither in free pages nor in a log.
    pub erase: bool,
    /// Events for the outbox, committed with the change.
    pub outbox: Vec<OutboxEvent>,
    /// The change's audit records, committed with it: one, or one for each account that a call concerns.
    pub audit: Vec<AuditRecord>,
}

impl WriteSet {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.puts.is_empty() && self.deletes.is_empty() && self.outbox.is_empty()
    }

    /// Adds a record that must not exist yet.
    pub fn create(&mut self, key: Key, value: impl Into<Bytes>) -> &mut Self {
        self.preconditions.push(Precondition::Absent(key.clone()));
        self.put(key, value)
    }

    /// Replaces the record that was read at `revision`.
    pub fn replace(&mut self, key: Key, revision: Revision, value: impl Into<Bytes>) -> &mut Self {
        self.preconditions.push(Precondition::AtRevision(key.clone(), revision));
        self.put(key, value)
    }

    /// Writes a record whatever was there.
    pub fn put(&mut self, key: Key, value: impl Into<Bytes>) -> &mut Self {
        self.puts.push((key, value.into()));
        self
    }

    /// Deletes the record that was read at `revision`.
    pub fn delete(&mut self, key: Key, revision: Revision) -> &mut Self {
        self.preconditions.push(Precondition::AtRevision(key.clone(), revision));
        self.deletes.push(key);
        self
    }

    /// Demands that the record read at `revision` is still that one.
    pub fn require(&mut self, key: Key, revision: Revision) -> &mut Self {
        self.preconditions.push(Precondition::AtRevision(key, revision));
        self
    }

    /// Demands that the range has not changed since `revision`.
    pub fn require_range(&mut self, range: KeyRange, revision: Revision) -> &mut Self {
        self.preconditions.push(Precondition::RangeUnchanged(range, revision));
        self
    }
}
