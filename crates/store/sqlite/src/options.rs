//! What can be chosen when a data folder is opened.

use std::time::Duration;

/// How a data folder is opened. `Options::default()` suits production.
#[derive(Debug, Clone)]
pub struct Options {
    /// The size of an audit segment in bytes: between 64 KiB and 1 GiB. Two of them are preallocated, so that
    /// this also decides how much room an idle folder takes. Development mode uses 4 MiB.
    pub segment_bytes: u64,
    /// How long audit records are kept: [`crate::Embedded::prune`] removes segments that are older.
    pub retention: Duration,
    /// How many connections read at the same time, at least 1.
    pub readers: usize,
    /// For tests of the durability tests: leaves out one kind of sync, so that they must fail.
    #[doc(hidden)]
    pub skip_sync: Option<SyncKind>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            retention: Duration::from_secs(90 * 86_400),
            readers: 4,
            skip_sync: None,
        }
    }
}

impl Options {
    /// The options of development mode: small segments.
    pub fn development() -> Self {
        Self { segment_bytes: 4 << 20, ..Self::default() }
    }
}

/// The places where this backend makes bytes durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(hidden)]
pub enum SyncKind {
    /// A group of audit records.
    AuditAppend,
    /// A commit of records.
    Commit,
    /// The name of a new file in its folder.
    Folder,
}

impl SyncKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::AuditAppend, Self::Commit, Self::Folder];
}
