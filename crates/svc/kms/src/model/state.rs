//! Key states, and which operation is allowed in which.
//!
//! Source: KMS Developer Guide, "Key states of AWS KMS keys".

use garrison_types::Timestamp;

/// What may be done with a key now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// `Enabled`.
    Enabled,
    /// `Disabled`.
    Disabled,
    /// `PendingImport`: an `EXTERNAL` key that lacks material.
    PendingImport,
    /// `PendingDeletion`.
    PendingDeletion {
        /// When it and its material are destroyed.
        at: Timestamp,
        /// The window that was chosen.
        window_days: u8,
    },
    /// `PendingReplicaDeletion`: a multi-Region primary key whose replicas must be deleted first.
    PendingReplicaDeletion {
        /// The window that begins once the last replica is gone.
        window_days: u8,
    },
}

impl KeyState {
    /// AWS's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingImport => "PendingImport",
            Self::PendingDeletion { .. } => "PendingDeletion",
            Self::PendingReplicaDeletion { .. } => "PendingReplicaDeletion",
        }
    }

    /// Whether the key waits for its end.
    pub const fn is_pending_deletion(self) -> bool {
        matches!(self, Self::PendingDeletion { .. } | Self::PendingReplicaDeletion { .. })
    }
}

/// In which states an operation is allowed: the groups that the rows of the developer guide's table form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StateRule {
    /// `Enabled` only: everything that uses the key, `CreateGrant`, `GetPublicKey`.
    Enabled,
    /// `Enabled` and `Disabled`: `EnableKey`, `DisableKey`.
    NotPending,
    /// Everything but the two deletion states: aliases, tags, the description, import, `ScheduleKeyDeletion`.
    NotPendingDeletion,
}

impl StateRule {
    /// Whether the rule lets a key in this state pass.
    pub(crate) const fn allows(self, state: KeyState) -> bool {
        match self {
            Self::Enabled => matches!(state, KeyState::Enabled),
            Self::NotPending => matches!(state, KeyState::Enabled | KeyState::Disabled),
            Self::NotPendingDeletion => !state.is_pending_deletion(),
        }
    }
}
