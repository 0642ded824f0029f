//! Connections and the schema.

use std::path::Path;
use std::time::Duration;

use garrison_store::StoreError;
use rusqlite::{Connection, OpenFlags};

use super::error::store_error;
use crate::folder;
use crate::options::SyncKind;
use crate::sync::Syncer;

/// "Gars", so that `file` and SQLite's tools can tell what the file is.
const APPLICATION_ID: i64 = 0x4761_7273;
const NEWEST: i64 = 1;

/// How long a connection waits for another's lock. They are all this process's.
pub(crate) const BUSY: Duration = Duration::from_secs(5);

/// Version 1. Records are a rowid table with an index on the key: values of a few kilobytes stay in one page.
const SCHEMA: &str = "
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT;
    INSERT INTO meta VALUES ('revision', 0), ('erase_due', 0);
    CREATE TABLE records (key BLOB NOT NULL UNIQUE, value BLOB NOT NULL, revision INTEGER NOT NULL) STRICT;
    CREATE TABLE outbox (sequence INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, payload BLOB NOT NULL)
        STRICT;
    CREATE TABLE audit_pending (position INTEGER PRIMARY KEY AUTOINCREMENT, event_id BLOB NOT NULL UNIQUE,
        record BLOB NOT NULL) STRICT;
";

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Reader,
    Writer,
}

/// Opens a connection. The writer's must come first: it makes the schema.
pub(crate) fn open(path: &Path, role: Role, sync: Syncer) -> Result<Connection, StoreError> {
    connect(path, role, sync).map_err(store_error)?.map_err(|version| {
        StoreError::Unavailable(format!(
            "{} has version {version}, made by a newer release: this one reads versions up to {NEWEST}",
            path.display()
        ))
    })
}

fn connect(path: &Path, role: Role, sync: Syncer) -> rusqlite::Result<Result<Connection, i64>> {
    let access = match role {
        Role::Reader => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Role::Writer => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    };
    if role == Role::Writer {
        // Made here so that only the owner reads it; SQLite gives its log the same mode. A failure shows below.
        let _ = folder::private().open(path);
    }
    let mut connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(32);
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // Kilobytes when negative.
    connection.pragma_update(None, "cache_size", if role == Role::Writer { -8192 } else { -2048 })?;
    if role == Role::Reader {
        return Ok(Ok(connection));
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // FULL syncs the log at each commit; NORMAL would leave that out and lose commits with the power.
    let synchronous = if sync.skips(SyncKind::Commit) { "NORMAL" } else { "FULL" };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "journal_size_limit", 16 << 20)?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match version {
        0 => {
            let transaction = connection.transaction()?;
            transaction.execute_batch(SCHEMA)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", NEWEST)?;
            transaction.commit()?;
            Ok(Ok(connection))
        }
        NEWEST => Ok(Ok(connection)),
        newer => Ok(Err(newer)),
    }
}
