//! The embedded backend: one folder, one process, nothing else to install.
//!
//! Records live in SQLite (write-ahead log, one commit per group of write sets); the audit log lives beside it
//! in preallocated append-only segments. [`Embedded`] is both [`garrison_store::Store`] and
//! [`garrison_store::AuditLog`], because a change's audit record must not be lost between the two.
//!
//! ```text
//! DIR/format            "garrison data folder, format 1"
//! DIR/lock              held (flock) while a process has the folder open
//! DIR/ballast           room that is given up so that a full folder can still be opened
//! DIR/records.db        SQLite: records, outbox, audit records whose segment is not synced yet
//! DIR/audit/NNNNNNNN.seg   audit records; the newest ones are preallocated
//! DIR/audit/NNNNNNNN.idx   what a finished segment holds, sorted; made anew when missing or damaged
//! ```

mod audit;
mod backup;
mod blocking;
mod db;
mod embedded;
mod folder;
mod options;
mod sync;

pub use embedded::Embedded;
pub use options::{Options, SyncKind};
