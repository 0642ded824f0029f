//! Reading.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use garrison_store::{Entry, Key, KeyRange, OutboxEvent, Revision, StoreError};
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, params};

use super::error::store_error;
use super::schema::{self, Role};
use crate::sync::Syncer;

/// No scan returns more records at once.
const MAX_PAGE: usize = 10_000;

/// A few read-only connections. Reads run on the caller's thread: a record that is in memory is found in
/// microseconds, less than handing the work to another thread costs.
pub(crate) struct Readers {
    pool: Vec<Mutex<Connection>>,
    next: AtomicUsize,
}

impl Readers {
    pub(crate) fn open(path: &Path, count: usize, sync: Syncer) -> Result<Self, StoreError> {
        let open = |_| schema::open(path, Role::Reader, sync).map(Mutex::new);
        let pool = (0..count.max(1)).map(open).collect::<Result<_, _>>()?;
        Ok(Self { pool, next: AtomicUsize::new(0) })
    }

    fn with<T>(&self, read: impl Fn(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let first = self.next.fetch_add(1, Ordering::Relaxed) % self.pool.len().max(1);
        let (late, early) = self.pool.split_at_checked(first).unwrap_or_default();
        if let Some(connection) = early.iter().chain(late).find_map(Mutex::try_lock) {
            return read(&connection).map_err(store_error);
        }
        match early.first() {
            Some(connection) => read(&connection.lock()).map_err(store_error),
            None => Err(StoreError::Unavailable("there is no connection to read with".to_owned())),
        }
    }

    pub(crate) fn get(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        self.with(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT value, revision FROM records WHERE key = ?1")?;
            let entry = |row: &rusqlite::Row<'_>| {
                Ok(Entry {
                    key: key.clone(),
                    value: Bytes::from(row.get::<_, Vec<u8>>(0)?),
                    revision: Revision(row.get::<_, i64>(1)?.cast_unsigned()),
                })
            };
            statement.query_row([key.as_bytes()], entry).optional()
        })
    }

    pub(crate) fn scan(&self, range: &KeyRange, limit: usize) -> Result<(Vec<Entry>, Revision), StoreError> {
        let limit = i64::try_from(limit.min(MAX_PAGE)).unwrap_or(i64::MAX);
        self.with(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let revision = revision(&transaction)?;
            let entries = transaction
                .prepare_cached(
                    "SELECT key, value, revision FROM records WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3",
                )?
                .query_map(params![range.start, range.end, limit], |row| {
                    Ok(Entry {
                        key: Key::from_bytes(row.get(0)?),
                        value: Bytes::from(row.get::<_, Vec<u8>>(1)?),
                        revision: Revision(row.get::<_, i64>(2)?.cast_unsigned()),
                    })
                })?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            transaction.commit()?;
            Ok((entries, revision))
        })
    }

    pub(crate) fn revision(&self) -> Result<Revision, StoreError> {
        self.with(revision)
    }

    pub(crate) fn outbox(&self, after: u64, limit: usize) -> Result<Vec<(u64, OutboxEvent)>, StoreError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let limit = i64::try_from(limit.min(MAX_PAGE)).unwrap_or(i64::MAX);
        self.with(|connection| {
            connection
                .prepare_cached(
                    "SELECT sequence, topic, payload FROM outbox WHERE sequence > ?1 ORDER BY sequence LIMIT ?2",
                )?
                .query_map([after, limit], |row| {
                    let payload = Bytes::from(row.get::<_, Vec<u8>>(2)?);
                    let event = OutboxEvent { topic: row.get(1)?, payload };
                    Ok((row.get::<_, i64>(0)?.cast_unsigned(), event))
                })?
                .collect()
        })
    }
}

/// The newest revision.
pub(crate) fn revision(connection: &Connection) -> rusqlite::Result<Revision> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE name = 'revision'")?;
    statement.query_row([], |row| row.get::<_, i64>(0)).map(|n| Revision(n.cast_unsigned()))
}
