//! Commits: every write set that waits, in one SERIALIZABLE transaction.
//!
//! What the preconditions need is read in two queries for the whole group, they are judged here, one set after
//! the other, and what the winners write goes out in one statement per table.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use garrison_store::{AuditRecord, CommitError, Key, Precondition, Revision, StoreError, WriteSet};
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::Error;

use crate::audit;
use crate::error::{is_retryable, store_error};
use crate::link::Session;
use crate::store::Shared;

/// How many write sets one transaction takes.
const MAX_GROUP: usize = 256;
/// How often a transaction is run again that the server could not order among others.
const MAX_RETRIES: u32 = 50;
/// How many revisions of changes are kept for range preconditions.
const WINDOW: u64 = 65_536;
/// How often a failing committer asks whether the server is back.
const PROBE: Duration = Duration::from_millis(500);

/// What the committer is asked to do.
pub(crate) enum Request {
    Commit(Box<WriteSet>, oneshot::Sender<Result<Revision, CommitError>>),
    Reset(oneshot::Sender<Result<(), StoreError>>),
}

type Group = Vec<(Box<WriteSet>, oneshot::Sender<Result<Revision, CommitError>>)>;

/// Serves requests until every sender is gone.
pub(crate) async fn run(shared: Arc<Shared>, mut requests: mpsc::UnboundedReceiver<Request>) {
    loop {
        let failing = shared.failure.lock().is_some();
        let request = tokio::select! {
            biased;
            request = requests.recv() => request,
            () = shared.writer.ended(), if !failing => {
                probe(&shared).await;
                continue;
            }
            () = tokio::time::sleep(PROBE), if failing => {
                probe(&shared).await;
                continue;
            }
        };
        let Some(request) = request else { return };
        let mut group = Group::new();
        let mut next = Some(request);
        while let Some(request) = next.take() {
            match request {
                Request::Commit(writes, answer) => {
                    group.push((writes, answer));
                    if group.len() < MAX_GROUP {
                        next = requests.try_recv().ok();
                    }
                }
                Request::Reset(answer) => {
                    commit(&shared, std::mem::take(&mut group)).await;
                    // Whoever asked may be gone, here and below.
                    let _ = answer.send(reset(&shared).await);
                }
            }
        }
        commit(&shared, group).await;
    }
}

/// Finds out whether this process can write, and notes it.
async fn probe(shared: &Shared) {
    match shared.writing().await {
        Ok(_) => shared.recovered(),
        Err(error) => shared.fail(&error),
    }
}

/// Commits a group and answers each of its members.
async fn commit(shared: &Shared, group: Group) {
    if group.is_empty() {
        return;
    }
    let sets: Vec<&WriteSet> = group.iter().map(|(writes, _)| &**writes).collect();
    let outcome = attempt_until_ordered(shared, &sets).await;
    match outcome {
        Ok(revisions) => {
            shared.recovered();
            for ((writes, _), revision) in group.iter().zip(&revisions) {
                if let Some(revision) = revision {
                    shared.notify(*revision, &changed(writes));
                }
            }
            if group.iter().zip(&revisions).any(|((writes, _), revision)| writes.erase && revision.is_some())
            {
                vacuum(shared).await;
            }
            for ((_, answer), revision) in group.into_iter().zip(revisions) {
                let _ = answer.send(revision.ok_or(CommitError::Conflict));
            }
        }
        Err(error) => {
            shared.fail(&error);
            shared.give_up_transaction().await;
            for (_, answer) in group {
                let _ = answer.send(Err(error.clone().into()));
            }
        }
    }
}

/// The keys that a set writes or deletes.
fn changed(writes: &WriteSet) -> Vec<Key> {
    writes.puts.iter().map(|(key, _)| key).chain(&writes.deletes).cloned().collect()
}

/// The revision of each set, or `None` where a precondition did not hold.
async fn attempt_until_ordered(
    shared: &Shared,
    sets: &[&WriteSet],
) -> Result<Vec<Option<Revision>>, StoreError> {
    let session = shared.writing().await?;
    let records: Vec<&AuditRecord> = sets.iter().flat_map(|set| &set.audit).collect();
    let first = shared.blocks.take(&session, records.len()).await.map_err(store_error)?;
    let mut tries = 0;
    loop {
        match attempt(&session, sets, first).await {
            Ok(revisions) => return Ok(revisions),
            Err(error) if is_retryable(&error) && tries < MAX_RETRIES => {
                session.client.batch_execute("ROLLBACK").await.map_err(store_error)?;
                tries += 1;
                tokio::time::sleep(Duration::from_millis(u64::from(tries))).await;
            }
            Err(error) => return Err(store_error(error)),
        }
    }
}

/// One transaction.
async fn attempt(session: &Session, sets: &[&WriteSet], first: i64) -> Result<Vec<Option<Revision>>, Error> {
    let meta = session.statement("SELECT name, value FROM garrison_meta").await?;
    session.client.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE").await?;
    let rows = session.client.query(&meta, &[]).await?;
    let meta: HashMap<String, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let number = |name: &str| meta.get(name).copied().unwrap_or_default();
    let mut seen = Seen::read(session, sets, number("changes_floor")).await?;
    let mut next = number("revision");
    let mut revisions = Vec::with_capacity(sets.len());
    let mut effects = Effects { outbox_from: number("outbox"), ..Effects::default() };
    let mut sequence = first;
    for set in sets {
        let from = sequence;
        sequence += i64::try_from(set.audit.len()).unwrap_or_default();
        if !set.preconditions.iter().all(|precondition| seen.holds(precondition)) {
            revisions.push(None);
            continue;
        }
        next += 1;
        seen.apply(set, next);
        effects.add(set, next, from);
        revisions.push(Some(Revision(next.cast_unsigned())));
    }
    if revisions.iter().any(Option::is_some) {
        effects.write(session, next).await?;
    }
    session.client.batch_execute("COMMIT").await?;
    Ok(revisions)
}

/// The part of the store that a group's preconditions speak of, kept current from set to set.
struct Seen {
    revisions: HashMap<Vec<u8>, i64>,
    changes: Vec<(i64, Key)>,
    floor: i64,
}

impl Seen {
    async fn read(session: &Session, sets: &[&WriteSet], floor: i64) -> Result<Self, Error> {
        let mut seen = Self { revisions: HashMap::new(), changes: Vec::new(), floor };
        let preconditions = || sets.iter().flat_map(|set| &set.preconditions);
        let keys: Vec<&[u8]> = preconditions()
            .filter_map(|precondition| match precondition {
                Precondition::Absent(key) | Precondition::AtRevision(key, _) => Some(key.as_bytes()),
                Precondition::RangeUnchanged(..) => None,
            })
            .collect();
        if !keys.is_empty() {
            let text = "SELECT key, revision FROM garrison_records WHERE key = ANY($1)";
            let rows = session.client.query(&session.statement(text).await?, &[&keys]).await?;
            seen.revisions = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        }
        let since = preconditions().filter_map(|precondition| match precondition {
            Precondition::RangeUnchanged(_, since) => Some(since.0.cast_signed()),
            Precondition::Absent(_) | Precondition::AtRevision(..) => None,
        });
        // What is older than the floor conflicts anyway.
        if let Some(since) = since.min() {
            let text = "SELECT revision, key FROM garrison_changes WHERE revision > $1";
            let rows = session.client.query(&session.statement(text).await?, &[&since.max(floor)]).await?;
            seen.changes = rows.iter().map(|row| (row.get(0), Key::from_bytes(row.get(1)))).collect();
        }
        Ok(seen)
    }

    fn holds(&self, precondition: &Precondition) -> bool {
        match precondition {
            Precondition::Absent(key) => !self.revisions.contains_key(key.as_bytes()),
            Precondition::AtRevision(key, at) => {
                self.revisions.get(key.as_bytes()).map(|r| r.cast_unsigned()) == Some(at.0)
            }
            Precondition::RangeUnchanged(range, since) => {
                let since = since.0.cast_signed();
                since >= self.floor
                    && !self.changes.iter().any(|(at, key)| *at > since && range.contains(key))
            }
        }
    }

    fn apply(&mut self, set: &WriteSet, revision: i64) {
        for (key, _) in &set.puts {
            self.revisions.insert(key.as_bytes().to_vec(), revision);
        }
        for key in &set.deletes {
            self.revisions.remove(key.as_bytes());
        }
        let keys = set.puts.iter().map(|(key, _)| key).chain(&set.deletes);
        self.changes.extend(keys.map(|key| (revision, key.clone())));
    }
}

/// What a group writes.
#[derive(Default)]
struct Effects<'a> {
    /// The last word on each key: a value and its revision, or gone.
    records: BTreeMap<&'a [u8], Option<(&'a [u8], i64)>>,
    changes: BTreeMap<(i64, &'a [u8]), ()>,
    topics: Vec<&'a str>,
    payloads: Vec<&'a [u8]>,
    outbox_from: i64,
    audit: Vec<(&'a AuditRecord, i64)>,
}

impl<'a> Effects<'a> {
    fn add(&mut self, set: &'a WriteSet, revision: i64, sequence: i64) {
        for (key, value) in &set.puts {
            self.records.insert(key.as_bytes(), Some((value, revision)));
        }
        for key in &set.deletes {
            self.records.insert(key.as_bytes(), None);
        }
        let keys = set.puts.iter().map(|(key, _)| key).chain(&set.deletes);
        self.changes.extend(keys.map(|key| ((revision, key.as_bytes()), ())));
        self.topics.extend(set.outbox.iter().map(|event| event.topic.as_str()));
        self.payloads.extend(set.outbox.iter().map(|event| event.payload.as_ref()));
        self.audit.extend(set.audit.iter().zip(sequence..));
    }

    async fn write(&self, session: &Session, revision: i64) -> Result<(), Error> {
        let client = &session.client;
        let text = "UPDATE garrison_meta SET value = $1 WHERE name = 'revision'";
        client.execute(&session.statement(text).await?, &[&revision]).await?;
        let gone: Vec<&[u8]> = self.records.iter().filter(|(_, v)| v.is_none()).map(|(k, _)| *k).collect();
        if !gone.is_empty() {
            let text = "DELETE FROM garrison_records WHERE key = ANY($1)";
            client.execute(&session.statement(text).await?, &[&gone]).await?;
        }
        let mut put: (Vec<&[u8]>, Vec<&[u8]>, Vec<i64>) = Default::default();
        for (key, (value, revision)) in self.records.iter().filter_map(|(k, v)| Some((*k, (*v)?))) {
            put.0.push(key);
            put.1.push(value);
            put.2.push(revision);
        }
        if !put.0.is_empty() {
            let text = "INSERT INTO garrison_records (key, value, revision)
                SELECT * FROM UNNEST($1::BYTEA[], $2::BYTEA[], $3::BIGINT[])
                ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision";
            client.execute(&session.statement(text).await?, &[&put.0, &put.1, &put.2]).await?;
        }
        if !self.changes.is_empty() {
            let (at, keys): (Vec<i64>, Vec<&[u8]>) = self.changes.keys().copied().unzip();
            let text = "INSERT INTO garrison_changes (revision, key)
                SELECT * FROM UNNEST($1::BIGINT[], $2::BYTEA[])";
            client.execute(&session.statement(text).await?, &[&at, &keys]).await?;
        }
        self.trim_changes(session, revision).await?;
        if !self.topics.is_empty() {
            let last = self.outbox_from + i64::try_from(self.topics.len()).unwrap_or_default();
            let numbers: Vec<i64> = (self.outbox_from + 1..=last).collect();
            let text = "INSERT INTO garrison_outbox (sequence, topic, payload)
                SELECT * FROM UNNEST($1::BIGINT[], $2::TEXT[], $3::BYTEA[])";
            client
                .execute(&session.statement(text).await?, &[&numbers, &self.topics, &self.payloads])
                .await?;
            let text = "UPDATE garrison_meta SET value = $1 WHERE name = 'outbox'";
            client.execute(&session.statement(text).await?, &[&last]).await?;
        }
        audit::insert(session, &self.audit).await
    }

    /// From time to time, forgets the changes before the window.
    async fn trim_changes(&self, session: &Session, revision: i64) -> Result<(), Error> {
        let first = self.changes.keys().next().map_or(revision, |(first, _)| *first);
        let window = WINDOW.cast_signed();
        if first / 1024 == revision / 1024 && revision % 1024 != 0 || revision <= window {
            return Ok(());
        }
        let floor = revision - window;
        let text = "DELETE FROM garrison_changes WHERE revision <= $1";
        session.client.execute(&session.statement(text).await?, &[&floor]).await?;
        let text = "UPDATE garrison_meta SET value = $1 WHERE name = 'changes_floor' AND value < $1";
        session.client.execute(&session.statement(text).await?, &[&floor]).await?;
        Ok(())
    }
}

/// Makes old versions of records unreachable. A server without `VACUUM` has its own way of collecting them.
async fn vacuum(shared: &Shared) {
    let run = async {
        let session = shared.writing().await?;
        session.client.batch_execute("VACUUM garrison_records").await.map_err(store_error)
    };
    if let Err(error) = run.await {
        tracing::warn!(%error, "the database could not vacuum the records after an erasure");
    }
}

/// Removes everything; revisions and event numbers go on.
async fn reset(shared: &Shared) -> Result<(), StoreError> {
    // What is queued is written first, so that it cannot turn up afterwards.
    let _ = shared.audit.flush().await;
    let session = shared.writing().await?;
    let cleared = async {
        let client = &session.client;
        client.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE").await?;
        let rows = client.query("DELETE FROM garrison_records RETURNING key", &[]).await?;
        let text = "UPDATE garrison_meta SET value = value + 1 WHERE name = 'revision' RETURNING value";
        let revision: i64 = client.query_one(text, &[]).await?.get(0);
        client
            .batch_execute(
                "DELETE FROM garrison_changes; DELETE FROM garrison_outbox; DELETE FROM garrison_audit;
                 DELETE FROM garrison_audit_resources;",
            )
            .await?;
        let text = "UPDATE garrison_meta SET value = $1 WHERE name = 'changes_floor'";
        client.execute(text, &[&revision]).await?;
        client.batch_execute("COMMIT").await?;
        let keys: Vec<Key> = rows.iter().map(|row| Key::from_bytes(row.get(0))).collect();
        Ok((Revision(revision.cast_unsigned()), keys))
    };
    match cleared.await {
        Ok((revision, keys)) => {
            shared.notify(revision, &keys);
            Ok(())
        }
        Err(error) => {
            let error = store_error(error);
            shared.fail(&error);
            shared.give_up_transaction().await;
            Err(error)
        }
    }
}
