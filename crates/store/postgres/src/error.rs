//! The server's errors in the store's words.

use garrison_store::StoreError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// The store's error for one of the server's.
#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
pub(crate) fn store_error(error: Error) -> StoreError {
    let text = match error.as_db_error() {
        Some(db) => format!("{}: {}", db.code().code(), db.message()),
        None => error.to_string(),
    };
    match error.code() {
        Some(&SqlState::DISK_FULL) => StoreError::Full(text),
        Some(&SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED) => StoreError::Corrupt(text),
        _ => StoreError::Unavailable(text),
    }
}

/// Whether the same transaction may succeed when it is run again, and surely did nothing this time.
pub(crate) fn is_retryable(error: &Error) -> bool {
    matches!(error.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED))
}
