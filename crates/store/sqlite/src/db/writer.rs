//! The writer thread: takes every write set that waits, applies them in one transaction, syncs once, answers all.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use garrison_store::{AuditRecord, CommitError, Key, Observer, Revision, StoreError, WriteSet};
use parking_lot::{Mutex, RwLock};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::apply::{self, Logged};
use super::changes::Changes;
use super::erase::{self, Erased};
use super::error::store_error;
use super::readers::revision;
use crate::audit::{SegmentLog, decode_record, encode_record};
use crate::folder;

/// How many write sets one transaction takes.
const MAX_GROUP: usize = 256;
/// How often a writer that failed tries whether it can write again.
const PROBE: Duration = Duration::from_millis(500);

pub(crate) type Observers = Arc<RwLock<Vec<Arc<dyn Observer>>>>;
type Answer<T, E> = oneshot::Sender<Result<T, E>>;

/// What the writer is asked to do.
pub(crate) enum Request {
    Commit(Box<WriteSet>, Answer<Revision, CommitError>),
    Reset(Answer<(), StoreError>),
    TrimOutbox(u64, Answer<(), StoreError>),
}

/// Everything the writer thread owns.
pub(crate) struct Writer {
    connection: Connection,
    path: PathBuf,
    log: Arc<SegmentLog>,
    observers: Observers,
    failure: Arc<Mutex<Option<String>>>,
    revision: u64,
    changes: Changes,
    /// Records in the log that are still in the table too: they leave it once they are durable there.
    pending: Vec<(u64, [u8; 16])>,
    /// Records that are only in the table, because the log had no room after a restart.
    unlogged: Vec<AuditRecord>,
    /// Up to which sequence number the open transaction takes records off the table.
    settled: u64,
    /// Erasing commits whose erasure a reader is in the way of: they are answered when it is done.
    erasing: Vec<(Revision, Answer<Revision, CommitError>)>,
    /// What those erase.
    erased: Erased,
    /// An erasure is committed but failed.
    erase_due: bool,
}

/// A write set that was applied and awaits the commit.
struct Applied {
    revision: u64,
    keys: Vec<Key>,
    audit: Vec<Logged>,
    erase: bool,
    answer: Answer<Revision, CommitError>,
}

impl Writer {
    /// Takes over the connection; finishes what an earlier process left: audit records that did not reach the
    /// log, and an erasure that was committed but not done.
    pub(crate) fn new(
        connection: Connection,
        path: PathBuf,
        log: Arc<SegmentLog>,
        observers: Observers,
        failure: Arc<Mutex<Option<String>>>,
    ) -> Result<Self, StoreError> {
        let revision = revision(&connection).map_err(store_error)?.0;
        let changes = Changes::since(revision);
        let (pending, unlogged) = (Vec::new(), Vec::new());
        let mut writer = Self {
            connection,
            path,
            log,
            observers,
            failure,
            revision,
            changes,
            pending,
            unlogged,
            settled: 0,
            erasing: Vec::new(),
            erased: Erased::default(),
            erase_due: false,
        };
        writer.replay()?;
        // When it cannot be done now, it is tried again while the store is open.
        writer.erase_due = erase::is_due(&writer.connection)?;
        writer.erase_again();
        Ok(writer)
    }

    /// Works until every sender is gone.
    pub(crate) fn run(mut self, requests: &Receiver<Request>) {
        loop {
            let failing = self.failure.lock().is_some() || self.erase_due || !self.erasing.is_empty();
            let first = if failing {
                match requests.recv_timeout(PROBE) {
                    Err(RecvTimeoutError::Timeout) => {
                        self.probe();
                        continue;
                    }
                    first => first.ok(),
                }
            } else {
                requests.recv().ok()
            };
            let Some(first) = first else { break };
            self.serve(first, requests);
        }
        // The log is synced when it closes; what it holds need not be replayed at the next start.
        self.settle_pending();
    }

    /// Serves the first request and everything else that waits.
    fn serve(&mut self, first: Request, requests: &Receiver<Request>) {
        let mut group = Vec::new();
        let mut next = Some(first);
        while let Some(request) = next {
            match request {
                Request::Commit(writes, answer) => group.push((writes, answer)),
                other => {
                    // What came before it is committed before it.
                    self.commit(std::mem::take(&mut group));
                    self.control(other);
                }
            }
            next = if group.len() < MAX_GROUP { requests.try_recv().ok() } else { None };
        }
        self.commit(group);
    }

    fn control(&mut self, request: Request) {
        // Whoever asked may be gone: the work is done all the same.
        match request {
            Request::Commit(writes, answer) => self.commit(vec![(writes, answer)]),
            Request::Reset(answer) => drop(answer.send(self.reset())),
            Request::TrimOutbox(up_to, answer) => {
                let up_to = i64::try_from(up_to).unwrap_or(i64::MAX);
                let trimmed = self.connection.execute("DELETE FROM outbox WHERE sequence <= ?1", [up_to]);
                drop(answer.send(trimmed.map(drop).map_err(store_error)));
            }
        }
    }

    /// Commits a group in one transaction and answers each of its members.
    fn commit(&mut self, group: Vec<(Box<WriteSet>, Answer<Revision, CommitError>)>) {
        if group.is_empty() {
            return;
        }
        let before = self.revision;
        let (applied, result, mut erased) = self.transact(group);
        if let Err(error) = result {
            self.revision = before;
            self.changes.roll_back(before);
            self.fail(&error);
            for one in applied {
                // A caller that is gone needs no answer, here and below.
                let _ = one.answer.send(Err(error.clone().into()));
            }
            return;
        }
        self.recovered();
        self.changes.trim();
        self.erased.gone.append(&mut erased.gone);
        self.erased.kept.append(&mut erased.kept);
        self.finish(applied);
    }

    /// Applies a group and commits. Members that conflict are answered here; the others come back.
    fn transact(
        &mut self,
        group: Vec<(Box<WriteSet>, Answer<Revision, CommitError>)>,
    ) -> (Vec<Applied>, Result<(), StoreError>, Erased) {
        let mut erased = Erased::default();
        let mut applied: Vec<Applied> = Vec::with_capacity(group.len());
        let mut result = self.begin();
        for (writes, answer) in group {
            if let Err(error) = &result {
                let _ = answer.send(Err(error.clone().into()));
                continue;
            }
            let mut audit = match self.reserve(&writes) {
                Ok(audit) => audit,
                Err(error) => {
                    let _ = answer.send(Err(error.into()));
                    continue;
                }
            };
            let revision = self.revision + 1;
            match apply::apply(
                &self.connection,
                &mut self.changes,
                revision,
                &writes,
                &mut audit,
                &mut erased,
            ) {
                Ok(keys) => {
                    self.revision = revision;
                    applied.push(Applied { revision, keys, audit, erase: writes.erase, answer });
                }
                Err(CommitError::Conflict) => drop(answer.send(Err(CommitError::Conflict))),
                Err(CommitError::Store(error)) => {
                    let _ = answer.send(Err(error.clone().into()));
                    result = Err(error);
                }
            }
        }
        let result = result.and_then(|()| self.end());
        if result.is_err() && !self.connection.is_autocommit() {
            // The transaction is void either way.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        (applied, result, erased)
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(store_error)?;
        self.settled = self.log.durable();
        apply::settle(&self.connection, &self.settled_ids())
    }

    fn settled_ids(&self) -> Vec<[u8; 16]> {
        let settled = self.pending.iter().filter(|(sequence, _)| *sequence <= self.settled);
        settled.map(|(_, id)| *id).collect()
    }

    fn end(&self) -> Result<(), StoreError> {
        let commit = || {
            self.connection
                .prepare_cached("UPDATE meta SET value = ?1 WHERE name = 'revision'")?
                .execute([self.revision.cast_signed()])?;
            self.connection.execute_batch("COMMIT")
        };
        commit().map_err(store_error)
    }

    /// Room in the audit log for a change's records: without it the change must not happen.
    fn reserve(&self, writes: &WriteSet) -> Result<Vec<Logged>, StoreError> {
        let reserve = |record: &AuditRecord| {
            let encoded = encode_record(record);
            let room = self.log.reserve(encoded.len())?;
            Ok(Logged { record: record.clone(), encoded, room })
        };
        writes.audit.iter().map(reserve).collect()
    }

    /// After a commit: records into the log, observers, answers, and the erasure before the answers that wait
    /// for it.
    fn finish(&mut self, applied: Vec<Applied>) {
        self.pending.retain(|(sequence, _)| *sequence > self.settled);
        self.log_left_over();
        for mut one in applied {
            for Logged { record, encoded, room } in std::mem::take(&mut one.audit) {
                match room.append_encoded(&record, &encoded) {
                    Ok(sequence) => self.pending.push((sequence, record.event_id)),
                    Err(_) => self.unlogged.push(record),
                }
            }
            let revision = Revision(one.revision);
            self.notify(revision, &one.keys);
            if one.erase {
                self.erasing.push((revision, one.answer));
            } else {
                let _ = one.answer.send(Ok(revision));
            }
        }
        self.erase_now();
    }

    /// Does the erasures that commits wait for, and answers them, unless a reader is in the way.
    fn erase_now(&mut self) {
        if self.erasing.is_empty() {
            return;
        }
        let result = match erase::erase(&self.connection, &self.path, Some(&self.erased)) {
            Ok(false) => return,
            Ok(true) => Ok(()),
            Err(error) => Err(error),
        };
        self.erase_due |= result.is_err();
        self.erased = Erased::default();
        for (revision, answer) in self.erasing.drain(..) {
            let _ = answer.send(result.clone().map(|()| revision).map_err(|error| {
                let text = format!("the change is made, but what it deletes is not erased yet: {error}");
                CommitError::Store(StoreError::Unavailable(text))
            }));
        }
    }

    /// Does an erasure that failed, or that an earlier process left.
    fn erase_again(&mut self) {
        if self.erase_due {
            match erase::erase(&self.connection, &self.path, None) {
                Ok(done) => self.erase_due = !done,
                Err(error) => tracing::error!(%error, "deleted secrets cannot be erased yet"),
            }
        }
    }

    fn notify(&self, revision: Revision, keys: &[Key]) {
        for observer in self.observers.read().iter() {
            if catch_unwind(AssertUnwindSafe(|| observer.committed(revision, keys))).is_err() {
                tracing::error!("an observer of the store panicked");
            }
        }
    }

    /// Appends what is only in the table to the log.
    fn replay(&mut self) -> Result<(), StoreError> {
        let stored: Vec<Vec<u8>> = {
            let read = || {
                let mut statement =
                    self.connection.prepare("SELECT record FROM audit_pending ORDER BY position")?;
                statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()
            };
            read().map_err(store_error)?
        };
        let damaged = || StoreError::Corrupt("an audit record that awaits the log is damaged".to_owned());
        let records = stored
            .iter()
            .map(|bytes| decode_record(bytes).ok_or_else(damaged))
            .collect::<Result<Vec<_>, _>>()?;
        let ids: HashSet<[u8; 16]> = records.iter().map(|record| record.event_id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let known = self
            .log
            .contains(&ids)
            .map_err(|error| folder::unavailable(&error, "cannot search the audit log"))?;
        // What an earlier process left in the log is durable: sequence number 0 says so.
        self.pending = known.iter().map(|id| (0, *id)).collect();
        self.unlogged = records.into_iter().filter(|record| !known.contains(&record.event_id)).collect();
        self.log_left_over();
        Ok(())
    }

    fn log_left_over(&mut self) {
        for record in std::mem::take(&mut self.unlogged) {
            let appended = self.log.reserve(record.json.len()).and_then(|room| room.append(&record));
            match appended {
                Ok(sequence) => self.pending.push((sequence, record.event_id)),
                Err(_) => self.unlogged.push(record),
            }
        }
    }

    /// Removes every record. Revisions go on, so that nothing read before can be mistaken for something after.
    fn reset(&mut self) -> Result<(), StoreError> {
        let revision = self.revision + 1;
        let clear = || {
            let transaction = self.connection.unchecked_transaction()?;
            let keys = transaction
                .prepare("SELECT key FROM records")?
                .query_map([], |row| row.get(0).map(Key::from_bytes))?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            transaction
                .execute_batch("DELETE FROM records; DELETE FROM outbox; DELETE FROM audit_pending;")?;
            transaction
                .execute("UPDATE meta SET value = ?1 WHERE name = 'revision'", [revision.cast_signed()])?;
            transaction.commit()?;
            Ok(keys)
        };
        let keys = clear().map_err(store_error)?;
        self.revision = revision;
        self.changes = Changes::since(revision);
        self.pending.clear();
        self.unlogged.clear();
        let emptied = self.log.reset();
        self.notify(Revision(revision), &keys);
        emptied.map_err(|error| folder::unavailable(&error, "cannot empty the audit log"))
    }

    fn fail(&mut self, error: &StoreError) {
        let mut failure = self.failure.lock();
        if failure.is_none() {
            tracing::error!(%error, "the store cannot write");
        }
        *failure = Some(error.to_string());
    }

    fn recovered(&self) {
        if self.failure.lock().take().is_some() {
            tracing::info!("the store writes again");
        }
    }

    /// Finds out whether writing works again.
    fn probe(&mut self) {
        self.log.retry_room();
        let wrote = self
            .connection
            .execute("UPDATE meta SET value = value WHERE name = 'revision'", [])
            .map_err(store_error);
        match wrote {
            Ok(_) => self.recovered(),
            Err(error) => self.fail(&error),
        }
        self.erase_now();
        self.erase_again();
    }

    fn settle_pending(&mut self) {
        self.settled = self.log.durable();
        // What stays is found again at the next start.
        let _ = apply::settle(&self.connection, &self.settled_ids());
    }
}
