//! What Garrison asks of a store: ordered keys, revisions and serializable commits, and beside them the audit
//! log. Backends (`garrison-store-sqlite`, `garrison-store-postgres`) implement both traits and pass one suite.
//!
//! A handler reads, computes without holding anything, and returns a [`WriteSet`] that says what it had read
//! ([`Precondition`]) and what shall be. A commit applies all of it or nothing, durably, together with the
//! change's audit record and outbox events, and calls every [`Observer`] before it returns, so that in-memory
//! snapshots never lag behind an answer.

mod audit;
mod key;
mod store;
mod write_set;

pub use audit::{
    AuditAppend, AuditAttribute, AuditLog, AuditPage, AuditQuery, AuditRecord, AuditReservation,
    AuditUnavailable,
};
pub use key::{Key, KeyRange};
pub use store::{CommitError, Entry, Health, Observer, Revision, Store, StoreError};
pub use write_set::{OutboxEvent, Precondition, WriteSet};
