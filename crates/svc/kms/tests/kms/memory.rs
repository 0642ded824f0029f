//! A store and an audit log in memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use garrison_store::{
    AuditAppend, AuditLog, AuditPage, AuditQuery, AuditRecord, AuditReservation, AuditUnavailable,
    CommitError, Entry, Health, Key, KeyRange, Observer, OutboxEvent, Precondition, Revision, Store,
    StoreError, WriteSet,
};
use parking_lot::Mutex;

/// Records in key order, and every change that was ever made.
#[derive(Default)]
pub(crate) struct Memory {
    state: Mutex<State>,
    observers: Mutex<Vec<Arc<dyn Observer>>>,
    log: Arc<Mutex<Vec<AuditRecord>>>,
}

#[derive(Default)]
struct State {
    records: BTreeMap<Vec<u8>, (Bytes, Revision)>,
    changes: Vec<(Revision, Key)>,
    revision: Revision,
    erasures: usize,
    commits: usize,
    reads: usize,
}

impl Memory {
    /// Every audit record, oldest first.
    pub(crate) fn audit(&self) -> Vec<AuditRecord> {
        self.log.lock().clone()
    }

    /// Every record, as text for looking at.
    pub(crate) fn dump(&self) -> Vec<(String, Bytes)> {
        let show = |key: &Vec<u8>| format!("{:?}", Key::from_bytes(key.clone()));
        self.state.lock().records.iter().map(|(key, (value, _))| (show(key), value.clone())).collect()
    }

    /// How many commits erased secrets.
    pub(crate) fn erasures(&self) -> usize {
        self.state.lock().erasures
    }

    /// How often records were read.
    pub(crate) fn reads(&self) -> usize {
        self.state.lock().reads
    }
}

impl State {
    fn holds(&self, precondition: &Precondition) -> bool {
        match precondition {
            Precondition::Absent(key) => !self.records.contains_key(key.as_bytes()),
            Precondition::AtRevision(key, revision) => {
                self.records.get(key.as_bytes()).is_some_and(|(_, found)| found == revision)
            }
            Precondition::RangeUnchanged(range, since) => {
                !self.changes.iter().any(|(revision, key)| revision > since && range.contains(key))
            }
        }
    }

    fn entry(&self, key: &[u8]) -> Option<Entry> {
        let (value, revision) = self.records.get(key)?;
        Some(Entry { key: Key::from_bytes(key.to_vec()), value: value.clone(), revision: *revision })
    }
}

#[async_trait]
impl Store for Memory {
    async fn get(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        tokio::task::yield_now().await;
        let mut state = self.state.lock();
        state.reads += 1;
        Ok(state.entry(key.as_bytes()))
    }

    async fn scan(&self, range: &KeyRange, limit: usize) -> Result<(Vec<Entry>, Revision), StoreError> {
        tokio::task::yield_now().await;
        let mut state = self.state.lock();
        state.reads += 1;
        let keys =
            state.records.range(range.start.clone()..range.end.clone()).map(|(key, _)| key).take(limit);
        Ok((keys.filter_map(|key| state.entry(key)).collect(), state.revision))
    }

    async fn revision(&self) -> Result<Revision, StoreError> {
        Ok(self.state.lock().revision)
    }

    async fn commit(&self, writes: WriteSet) -> Result<Revision, CommitError> {
        // Lets the calls of a test overtake each other between reading and writing.
        tokio::task::yield_now().await;
        let mut keys: Vec<Key> = writes.puts.iter().map(|(key, _)| key.clone()).collect();
        keys.extend(writes.deletes.iter().cloned());
        let revision = {
            let mut state = self.state.lock();
            if !writes.preconditions.iter().all(|precondition| state.holds(precondition)) {
                return Err(CommitError::Conflict);
            }
            for delete in &writes.deletes {
                let put = writes.puts.iter().any(|(key, _)| key == delete);
                assert!(!put, "{delete:?} is put and deleted at once");
            }
            state.revision = Revision(state.revision.0 + 1);
            let revision = state.revision;
            for (key, value) in writes.puts {
                state.records.insert(key.as_bytes().to_vec(), (value, revision));
            }
            for key in &writes.deletes {
                state.records.remove(key.as_bytes());
            }
            state.changes.extend(keys.iter().map(|key| (revision, key.clone())));
            state.erasures += usize::from(writes.erase);
            state.commits += 1;
            revision
        };
        self.log.lock().extend(writes.audit);
        for observer in self.observers.lock().iter() {
            observer.committed(revision, &keys);
        }
        Ok(revision)
    }

    fn observe(&self, observer: Arc<dyn Observer>) {
        self.observers.lock().push(observer);
    }

    async fn outbox(&self, _after: u64, _limit: usize) -> Result<Vec<(u64, OutboxEvent)>, StoreError> {
        Ok(Vec::new())
    }

    async fn trim_outbox(&self, _up_to: u64) -> Result<(), StoreError> {
        Ok(())
    }

    async fn backup(&self, _folder: &Path) -> Result<(), StoreError> {
        Err(StoreError::Unavailable("a store in memory has no backup".to_owned()))
    }

    async fn reset(&self) -> Result<(), StoreError> {
        *self.state.lock() = State::default();
        Ok(())
    }

    fn health(&self) -> Health {
        Health::Ok
    }
}

struct Room(Arc<Mutex<Vec<AuditRecord>>>);

impl AuditReservation for Room {
    fn append(self: Box<Self>, record: AuditRecord) -> AuditAppend {
        self.0.lock().push(record);
        Box::pin(async { Ok(()) })
    }
}

#[async_trait]
impl AuditLog for Memory {
    fn reserve(&self, _bytes: usize) -> Result<Box<dyn AuditReservation>, AuditUnavailable> {
        Ok(Box::new(Room(Arc::clone(&self.log))))
    }

    async fn lookup(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        use garrison_store::AuditAttribute as By;
        let matches = |record: &&AuditRecord| {
            let by = match &query.attribute {
                None => true,
                Some(By::ResourceName(name)) => record.resources.iter().any(|(_, found)| found == name),
                Some(By::EventName(name)) => record.event_name == *name,
                Some(other) => panic!("not built here: {other:?}"),
            };
            by && record.account == query.account
                && record.region == query.region
                && (query.from..=query.to).contains(&record.time)
        };
        let log = self.log.lock();
        let start =
            query.after.as_ref().map_or(0, |after| std::str::from_utf8(after).unwrap().parse().unwrap());
        let found: Vec<_> =
            log.iter().rev().filter(matches).skip(start).take(query.limit + 1).cloned().collect();
        let more = found.len() > query.limit;
        let next = more.then(|| Bytes::from((start + query.limit).to_string()));
        Ok(AuditPage { records: found.into_iter().take(query.limit).collect(), next })
    }

    async fn flush(&self) -> Result<(), AuditUnavailable> {
        Ok(())
    }

    fn health(&self) -> Health {
        Health::Ok
    }
}
