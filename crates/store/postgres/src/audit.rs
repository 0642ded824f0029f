//! The audit log: records gather in memory while a group is being inserted, and go out together.

use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use garrison_store::{AuditAppend, AuditRecord, AuditReservation, AuditUnavailable, Health, StoreError};
use garrison_types::Timestamp;
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio_postgres::{Client, Error};

use crate::error::store_error;
use crate::link::{Link, Session};

/// How many bytes of records may wait or be promised at a time.
const MAX_WAITING: usize = 64 << 20;
/// How many records one statement inserts.
const MAX_GROUP: usize = 1000;
/// What a record takes beside its JSON.
const ATTRIBUTES: usize = 512;
/// How long a failing log waits before it tries again.
const RETRY: Duration = Duration::from_millis(200);
/// How far CloudTrail's event history reaches.
const RETENTION: Duration = Duration::from_secs(90 * 86_400);
/// How many sequence numbers a node takes from the database at a time.
pub(crate) const BLOCK: i64 = 1 << 16;

/// The log's memory side.
pub(crate) struct Log {
    state: Mutex<State>,
    work: Notify,
    progress: watch::Sender<Progress>,
}

struct State {
    waiting: VecDeque<AuditRecord>,
    /// Bytes that open calls have claimed or that wait.
    bytes: usize,
    /// How many records were ever appended.
    appended: u64,
    failure: Option<String>,
}

#[derive(Debug, Clone, Default)]
struct Progress {
    /// How many records are durable.
    durable: u64,
    /// How many were in an attempt that failed.
    failed: u64,
    /// Nothing more shall be appended.
    closed: bool,
    /// Nothing more will be written.
    ended: bool,
}

impl Log {
    pub(crate) fn new() -> Arc<Self> {
        let state = State { waiting: VecDeque::new(), bytes: 0, appended: 0, failure: None };
        let (progress, _) = watch::channel(Progress::default());
        Arc::new(Self { state: Mutex::new(state), work: Notify::new(), progress })
    }

    pub(crate) fn reserve(self: &Arc<Self>, bytes: usize) -> Result<Room, AuditUnavailable> {
        let mut state = self.state.lock();
        if let Some(failure) = &state.failure {
            return Err(AuditUnavailable(failure.clone()));
        }
        let want = bytes.saturating_add(ATTRIBUTES);
        if state.bytes.saturating_add(want) > MAX_WAITING {
            return Err(AuditUnavailable("too many calls are open at once".to_owned()));
        }
        state.bytes += want;
        Ok(Room { log: Arc::clone(self), bytes: want })
    }

    pub(crate) async fn flush(&self) -> Result<(), AuditUnavailable> {
        let number = self.state.lock().appended;
        self.wait(number).await
    }

    async fn wait(&self, number: u64) -> Result<(), AuditUnavailable> {
        let mut progress = self.progress.subscribe();
        let settled = progress.wait_for(|p| p.durable >= number || p.failed >= number || p.ended).await;
        let durable = settled.is_ok_and(|progress| progress.durable >= number);
        if durable { Ok(()) } else { Err(AuditUnavailable(self.reason())) }
    }

    fn reason(&self) -> String {
        self.state.lock().failure.clone().unwrap_or_else(|| "the log is closed".to_owned())
    }

    pub(crate) fn health(&self) -> Health {
        self.state.lock().failure.clone().map_or(Health::Ok, Health::Degraded)
    }

    /// Notes how an attempt to write the first `count` waiting records went; returns how many were ever appended.
    fn settle(&self, written: Result<(), StoreError>, count: usize) -> u64 {
        let mut state = self.state.lock();
        match written {
            Ok(()) => {
                state.failure = None;
                state.waiting.drain(..count);
            }
            Err(error) => {
                // The records stay and are written later: they are in the log even when their calls failed.
                tracing::error!(%error, "the audit log fails");
                state.failure = Some(error.to_string());
            }
        }
        state.appended
    }

    /// Ends the writer once everything that waits is written.
    pub(crate) fn close(&self) {
        self.progress.send_modify(|progress| progress.closed = true);
        self.work.notify_one();
    }
}

/// Room for one record.
pub(crate) struct Room {
    log: Arc<Log>,
    bytes: usize,
}

impl AuditReservation for Room {
    fn append(self: Box<Self>, record: AuditRecord) -> AuditAppend {
        let log = Arc::clone(&self.log);
        let number = {
            let mut state = log.state.lock();
            state.waiting.push_back(record);
            state.appended += 1;
            state.appended
        };
        log.work.notify_one();
        // The claim is given back here; the queue is bounded because a failing log takes no claims.
        drop(self);
        Box::pin(async move { log.wait(number).await })
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut state = self.log.state.lock();
        state.bytes = state.bytes.saturating_sub(self.bytes);
    }
}

/// Writes what waits until the log is closed.
pub(crate) async fn run(log: Arc<Log>, link: Link, blocks: Arc<Blocks>) {
    write_until_closed(&log, &link, &blocks).await;
    log.progress.send_modify(|progress| progress.ended = true);
}

async fn write_until_closed(log: &Log, link: &Link, blocks: &Blocks) {
    loop {
        let group: Vec<AuditRecord> = {
            let state = log.state.lock();
            state.waiting.iter().take(MAX_GROUP).cloned().collect()
        };
        let failing = log.state.lock().failure.is_some();
        if group.is_empty() && !failing {
            if log.progress.borrow().closed {
                return;
            }
            log.work.notified().await;
            continue;
        }
        let written = write(link, blocks, &group).await;
        let failed = written.is_err();
        let appended = log.settle(written, group.len());
        log.progress.send_modify(|progress| {
            if failed {
                progress.failed = appended;
            } else {
                progress.durable += u64::try_from(group.len()).unwrap_or_default();
            }
        });
        if failed {
            if log.progress.borrow().closed {
                return;
            }
            link.discard().await;
            tokio::time::sleep(RETRY).await;
        }
    }
}

async fn write(link: &Link, blocks: &Blocks, group: &[AuditRecord]) -> Result<(), StoreError> {
    let session = link.session().await?;
    let first = blocks.take(&session, group.len()).await.map_err(store_error)?;
    let numbered: Vec<_> = group.iter().zip(first..).collect();
    if numbered.is_empty() {
        // A failing log with nothing to write finds out whether the server is back.
        return session.client.simple_query("SELECT 1").await.map(drop).map_err(store_error);
    }
    insert(&session, &numbered).await.map_err(store_error)
}

/// Sequence numbers for audit records: taken from the database in blocks, so that nodes never share one.
#[derive(Default)]
pub(crate) struct Blocks(tokio::sync::Mutex<(i64, i64)>);

impl Blocks {
    /// The first of `count` numbers that belong to the caller alone.
    pub(crate) async fn take(&self, session: &Session, count: usize) -> Result<i64, Error> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let mut block = self.0.lock().await;
        if block.1 - block.0 < count {
            let text = session.statement("SELECT nextval('garrison_audit_blocks')").await?;
            let number: i64 = session.client.query_one(&text, &[]).await?.get(0);
            // A group is never greater than a block holds.
            *block = (number.saturating_mul(BLOCK), number.saturating_mul(BLOCK).saturating_add(BLOCK));
        }
        let first = block.0;
        block.0 += count;
        Ok(first)
    }
}

const INSERT: &str = "
    WITH new AS (
        INSERT INTO garrison_audit (event_id, time, sequence, account, region, event_name, event_source,
            username, access_key_id, read_only, resources, json)
        SELECT * FROM UNNEST($1::BYTEA[], $2::BIGINT[], $3::BIGINT[], $4::BYTEA[], $5::BYTEA[], $6::BYTEA[],
            $7::BYTEA[], $8::BYTEA[], $9::BYTEA[], $10::BOOLEAN[], $11::BYTEA[], $12::BYTEA[])
        ON CONFLICT (event_id) DO NOTHING
        RETURNING event_id, account, region, time, sequence
    )
    INSERT INTO garrison_audit_resources (account, region, is_name, value, time, sequence, event_id)
    SELECT new.account, new.region, r.is_name, r.value, new.time, new.sequence, new.event_id
    FROM new JOIN UNNEST($13::BYTEA[], $14::BOOLEAN[], $15::BYTEA[]) AS r (event_id, is_name, value)
        ON new.event_id = r.event_id";

/// Inserts records with their sequence numbers; one that is there already stays as it is.
pub(crate) async fn insert(session: &Session, records: &[(&AuditRecord, i64)]) -> Result<(), Error> {
    if records.is_empty() {
        return Ok(());
    }
    let resources: Vec<Vec<u8>> = records.iter().map(|(r, _)| encode_resources(&r.resources)).collect();
    let accounts: Vec<String> = records.iter().map(|(r, _)| r.account.as_str().to_owned()).collect();
    let column = |of: fn(&AuditRecord) -> &[u8]| records.iter().map(|(r, _)| of(r)).collect::<Vec<_>>();
    let optional =
        |of: fn(&AuditRecord) -> Option<&[u8]>| records.iter().map(|(r, _)| of(r)).collect::<Vec<_>>();
    let links: BTreeSet<(&[u8], bool, &[u8])> = records
        .iter()
        .flat_map(|(record, _)| {
            record.resources.iter().flat_map(|(kind, name)| {
                let id = record.event_id.as_slice();
                [(id, false, kind.as_bytes()), (id, true, name.as_bytes())]
            })
        })
        .collect();
    let statement = session.statement(INSERT).await?;
    session
        .client
        .execute(
            &statement,
            &[
                &column(|r| &r.event_id),
                &records.iter().map(|(r, _)| r.time.as_millis()).collect::<Vec<_>>(),
                &records.iter().map(|(_, sequence)| *sequence).collect::<Vec<_>>(),
                &accounts.iter().map(String::as_bytes).collect::<Vec<_>>(),
                &column(|r| r.region.as_str().as_bytes()),
                &column(|r| r.event_name.as_bytes()),
                &column(|r| r.event_source.as_bytes()),
                &optional(|r| r.username.as_deref().map(str::as_bytes)),
                &optional(|r| r.access_key_id.as_deref().map(str::as_bytes)),
                &records.iter().map(|(r, _)| r.read_only).collect::<Vec<_>>(),
                &resources.iter().map(Vec::as_slice).collect::<Vec<_>>(),
                &column(|r| &r.json),
                &links.iter().map(|(id, _, _)| *id).collect::<Vec<_>>(),
                &links.iter().map(|(_, is_name, _)| *is_name).collect::<Vec<_>>(),
                &links.iter().map(|(_, _, value)| *value).collect::<Vec<_>>(),
            ],
        )
        .await?;
    Ok(())
}

/// Removes the records that are older than [`RETENTION`]; returns how many.
pub(crate) async fn prune(client: &mut Client, now: Timestamp) -> Result<u64, StoreError> {
    let oldest = (now - RETENTION).as_millis();
    let removed = async {
        // The first time there may be years of them.
        client.batch_execute("SET statement_timeout = 0").await?;
        let transaction = client.transaction().await?;
        transaction.execute("DELETE FROM garrison_audit_resources WHERE time < $1", &[&oldest]).await?;
        let removed = transaction.execute("DELETE FROM garrison_audit WHERE time < $1", &[&oldest]).await?;
        transaction.commit().await?;
        Ok(removed)
    };
    removed.await.map_err(store_error)
}

/// Resources in one column: each text after its length, types and names in turn.
pub(crate) fn encode_resources(resources: &[(String, String)]) -> Vec<u8> {
    let mut out = Vec::new();
    for text in resources.iter().flat_map(|(kind, name)| [kind, name]) {
        out.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    out
}

/// The resources of a column, or `None` when it is damaged.
pub(crate) fn decode_resources(mut bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let mut text = || -> Option<Option<String>> {
        if bytes.is_empty() {
            return Some(None);
        }
        let (len, rest) = bytes.split_first_chunk::<4>()?;
        let (text, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*len)).ok()?)?;
        bytes = rest;
        Some(Some(std::str::from_utf8(text).ok()?.to_owned()))
    };
    let mut resources = Vec::new();
    while let Some(kind) = text()? {
        resources.push((kind, text()??));
    }
    Some(resources)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_survive_their_column() {
        for resources in [
            vec![],
            vec![(String::new(), String::new())],
            vec![("AWS::KMS::Key".to_owned(), "arn:é".to_owned()), ("b".to_owned(), String::new())],
        ] {
            let bytes = encode_resources(&resources);
            assert_eq!(decode_resources(&bytes), Some(resources));
            for cut in 1..bytes.len() {
                // A cut between two resources is a shorter list; anywhere else it is damage.
                assert!(decode_resources(&bytes[..cut]).is_none_or(|r| encode_resources(&r) == bytes[..cut]));
            }
        }
    }
}
