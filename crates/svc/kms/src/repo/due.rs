//! What falls due by itself.

use garrison_types::Timestamp;

use crate::model::KeyAddress;

/// In `extra`: the rotation was asked for.
pub(crate) const ON_DEMAND: &str = "on-demand";

/// What falls due by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DueKind {
    /// A key's deletion window ends.
    Deletion,
    /// A key's next automatic rotation, or, with [`ON_DEMAND`] in `extra`, one that was asked for.
    Rotation,
    /// An imported material expires; `extra` is its id.
    Expiry,
}

impl DueKind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Deletion => "deletion",
            Self::Rotation => "rotation",
            Self::Expiry => "expiry",
        }
    }
}

/// Something that fell due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    /// When.
    pub at: Timestamp,
    /// Of which key.
    pub address: KeyAddress,
    /// What of it, where the kind needs more than the key.
    pub extra: String,
}
