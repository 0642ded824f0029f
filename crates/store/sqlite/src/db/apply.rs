//! One write set inside the writer's transaction.

use garrison_store::{AuditRecord, CommitError, Key, Precondition, StoreError, WriteSet};
use rusqlite::{Connection, OptionalExtension, params};

use super::changes::Changes;
use super::erase::Erased;
use super::error::store_error;
use crate::audit::Reservation;

/// A change's audit record with its stored form and its room in the log.
pub(crate) struct Logged {
    pub(crate) record: AuditRecord,
    pub(crate) encoded: Vec<u8>,
    pub(crate) room: Reservation,
}

/// Checks and applies a write set. A conflict is found before anything is written, so that it leaves no trace in
/// the transaction; any other error spoils the whole transaction.
pub(crate) fn apply(
    connection: &Connection,
    changes: &mut Changes,
    revision: u64,
    writes: &WriteSet,
    audit: &mut Vec<Logged>,
    erased: &mut Erased,
) -> Result<Vec<Key>, CommitError> {
    for precondition in &writes.preconditions {
        if !holds(connection, changes, precondition).map_err(store_error)? {
            return Err(CommitError::Conflict);
        }
    }
    write(connection, revision, writes, audit, erased).map_err(store_error)?;
    let keys: Vec<Key> = writes.puts.iter().map(|(key, _)| key).chain(&writes.deletes).cloned().collect();
    keys.iter().for_each(|key| changes.add(revision, key.clone()));
    Ok(keys)
}

fn holds(connection: &Connection, changes: &Changes, precondition: &Precondition) -> rusqlite::Result<bool> {
    let found = |key: &Key| {
        connection
            .prepare_cached("SELECT revision FROM records WHERE key = ?1")?
            .query_row([key.as_bytes()], |row| row.get::<_, i64>(0))
            .optional()
    };
    Ok(match precondition {
        Precondition::Absent(key) => found(key)?.is_none(),
        Precondition::AtRevision(key, revision) => found(key)?.map(i64::cast_unsigned) == Some(revision.0),
        Precondition::RangeUnchanged(range, since) => changes.unchanged(range, *since),
    })
}

fn write(
    connection: &Connection,
    revision: u64,
    writes: &WriteSet,
    audit: &mut Vec<Logged>,
    erased: &mut Erased,
) -> rusqlite::Result<()> {
    if writes.erase {
        let mut statement = connection.prepare_cached("SELECT value FROM records WHERE key = ?1")?;
        for key in writes.puts.iter().map(|(key, _)| key).chain(&writes.deletes) {
            erased
                .gone
                .extend(statement.query_row([key.as_bytes()], |row| row.get::<_, Vec<u8>>(0)).optional()?);
        }
        erased.kept.extend(writes.puts.iter().map(|(_, value)| value.clone()));
        connection.execute("UPDATE meta SET value = 1 WHERE name = 'erase_due'", [])?;
    }
    let mut put = connection.prepare_cached(
        "INSERT INTO records (key, value, revision) VALUES (?1, ?2, ?3)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision",
    )?;
    for (key, value) in &writes.puts {
        put.execute(params![key.as_bytes(), value.as_ref(), revision.cast_signed()])?;
    }
    let mut delete = connection.prepare_cached("DELETE FROM records WHERE key = ?1")?;
    for key in &writes.deletes {
        delete.execute([key.as_bytes()])?;
    }
    let mut event = connection.prepare_cached("INSERT INTO outbox (topic, payload) VALUES (?1, ?2)")?;
    for one in &writes.outbox {
        event.execute(params![one.topic, one.payload.as_ref()])?;
    }
    let mut log = connection.prepare_cached(
        "INSERT INTO audit_pending (event_id, record) VALUES (?1, ?2) ON CONFLICT (event_id) DO NOTHING",
    )?;
    let mut outcome = Ok(());
    // A record that is on its way to the log already is not put there a second time.
    audit.retain(|one| match log.execute(params![one.record.event_id, one.encoded]) {
        Ok(inserted) => inserted > 0,
        Err(error) => {
            outcome = Err(error);
            false
        }
    });
    outcome
}

/// Takes audit records off the table that are durable in the log.
pub(crate) fn settle(connection: &Connection, event_ids: &[[u8; 16]]) -> Result<(), StoreError> {
    let delete = || {
        let mut statement = connection.prepare_cached("DELETE FROM audit_pending WHERE event_id = ?1")?;
        for id in event_ids {
            statement.execute([id])?;
        }
        Ok(())
    };
    delete().map_err(store_error)
}
