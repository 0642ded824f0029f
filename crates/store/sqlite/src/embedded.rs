//! The backend: what is shared, opened and closed.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;

use async_trait::async_trait;
use garrison_store::{
    AuditAppend, AuditLog, AuditPage, AuditQuery, AuditRecord, AuditReservation, AuditUnavailable,
    CommitError, Entry, Health, Key, KeyRange, Observer, OutboxEvent, Revision, Store, StoreError, WriteSet,
};
use garrison_types::Timestamp;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::audit::{Reservation, SegmentLog};
use crate::blocking;
use crate::db::{self, Observers, Readers, Request, Role, Writer};
use crate::folder::Folder;
use crate::options::Options;
use crate::sync::Syncer;

/// A data folder that this process has open: records and audit log.
///
/// Dropping it finishes what was accepted, syncs and unlocks the folder.
pub struct Embedded {
    requests: Option<Sender<Request>>,
    writer: Option<JoinHandle<()>>,
    readers: Arc<Readers>,
    log: Arc<SegmentLog>,
    observers: Observers,
    failure: Arc<Mutex<Option<String>>>,
    retention: std::time::Duration,
    sync: Syncer,
    folder: Folder,
}

impl Embedded {
    /// Opens a data folder, or makes it when it is absent or empty.
    ///
    /// A folder that is full opens: its health says what is wrong, reads work and writes are refused.
    ///
    /// # Errors
    /// Another process has it open, a newer release made it, it is damaged, or the file system refuses.
    pub fn open(path: &Path, options: &Options) -> Result<Self, StoreError> {
        let sync = Syncer::new(options.skip_sync);
        let folder = Folder::open(path, sync)?;
        let opened = match Self::start(&folder, options, sync) {
            Err(_) if folder.is_full() && folder.drop_ballast() => Self::start(&folder, options, sync)?,
            other => other?,
        };
        folder.keep_ballast();
        let (requests, receiver) = mpsc::channel();
        let writer = opened.writer;
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run(&receiver))
            .map_err(|error| StoreError::Unavailable(format!("cannot start a thread: {error}")))?;
        Ok(Self {
            requests: Some(requests),
            writer: Some(thread),
            readers: opened.readers,
            log: opened.log,
            observers: opened.observers,
            failure: opened.failure,
            retention: options.retention,
            sync,
            folder,
        })
    }

    fn start(folder: &Folder, options: &Options, sync: Syncer) -> Result<Opened, StoreError> {
        let connection = db::open(&folder.database(), Role::Writer, sync)?;
        let readers = Arc::new(Readers::open(&folder.database(), options.readers, sync)?);
        let log = Arc::new(SegmentLog::open(folder.audit(), options, sync)?);
        let observers = Observers::default();
        let failure = Arc::new(Mutex::new(None));
        let writer = Writer::new(
            connection,
            folder.database(),
            Arc::clone(&log),
            Arc::clone(&observers),
            Arc::clone(&failure),
        )?;
        Ok(Opened { writer, readers, log, observers, failure })
    }

    /// Removes audit records that are older than the retention time, a finished segment at a time; returns how
    /// many segments went. `now` is resource time.
    ///
    /// # Errors
    /// The file system refuses.
    pub async fn prune(&self, now: Timestamp) -> Result<usize, StoreError> {
        let (log, oldest) = (Arc::clone(&self.log), now - self.retention);
        blocking::run("audit-prune", move || {
            log.prune(oldest)
                .map_err(|error| crate::folder::unavailable(&error, "cannot prune the audit log"))
        })
        .await
    }

    /// Hands a request to the writer and waits for its answer.
    async fn ask<T, E: From<StoreError>>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, E>>) -> Request,
    ) -> Result<T, E> {
        let gone = || E::from(StoreError::Unavailable("the store is closed".to_owned()));
        let (answer, receive) = oneshot::channel();
        let requests = self.requests.as_ref().ok_or_else(gone)?;
        requests.send(request(answer)).map_err(|_| gone())?;
        receive.await.map_err(|_| gone())?
    }
}

/// What [`Embedded::open`] has made when nothing refused.
struct Opened {
    writer: Writer,
    readers: Arc<Readers>,
    log: Arc<SegmentLog>,
    observers: Observers,
    failure: Arc<Mutex<Option<String>>>,
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has nothing more to write.
            let _ = writer.join();
        }
    }
}

#[async_trait]
impl Store for Embedded {
    async fn get(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        self.readers.get(key)
    }

    async fn scan(&self, range: &KeyRange, limit: usize) -> Result<(Vec<Entry>, Revision), StoreError> {
        self.readers.scan(range, limit)
    }

    async fn revision(&self) -> Result<Revision, StoreError> {
        self.readers.revision()
    }

    async fn commit(&self, writes: WriteSet) -> Result<Revision, CommitError> {
        self.ask(|answer| Request::Commit(Box::new(writes), answer)).await
    }

    fn observe(&self, observer: Arc<dyn Observer>) {
        self.observers.write().push(observer);
    }

    async fn outbox(&self, after: u64, limit: usize) -> Result<Vec<(u64, OutboxEvent)>, StoreError> {
        self.readers.outbox(after, limit)
    }

    async fn trim_outbox(&self, up_to: u64) -> Result<(), StoreError> {
        self.ask(|answer| Request::TrimOutbox(up_to, answer)).await
    }

    async fn backup(&self, folder: &Path) -> Result<(), StoreError> {
        let (from, to, sync) = (self.folder.database(), folder.to_owned(), self.sync);
        blocking::run("store-backup", move || crate::backup::records(&from, &to, sync)).await?;
        // The log is copied after the records: every change in the copy has its record in it, or awaits it there.
        self.log.flush().await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let (log, to) = (Arc::clone(&self.log), folder.to_owned());
        blocking::run("store-backup", move || crate::backup::audit(&log, &to, sync)).await
    }

    async fn reset(&self) -> Result<(), StoreError> {
        self.ask(Request::Reset).await
    }

    fn health(&self) -> Health {
        match self.failure.lock().clone() {
            Some(reason) => Health::Degraded(reason),
            None => self.log.health(),
        }
    }
}

#[async_trait]
impl AuditLog for Embedded {
    fn reserve(&self, bytes: usize) -> Result<Box<dyn AuditReservation>, AuditUnavailable> {
        Ok(Box::new(self.log.reserve(bytes)?))
    }

    async fn lookup(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        // Reading from files alone is simple and right; what was appended just now is in them after this. When
        // the log is failing, what is durable is still found.
        let _ = self.log.flush().await;
        let (log, query) = (Arc::clone(&self.log), query.clone());
        blocking::run("audit-lookup", move || log.lookup(&query)).await
    }

    async fn flush(&self) -> Result<(), AuditUnavailable> {
        self.log.flush().await
    }

    fn health(&self) -> Health {
        self.log.health()
    }
}

impl AuditReservation for Reservation {
    fn append(self: Box<Self>, record: AuditRecord) -> AuditAppend {
        let shared = Arc::clone(self.shared());
        match (*self).append(&record) {
            Ok(sequence) => Box::pin(Self::wait(&shared, sequence)),
            Err(error) => Box::pin(std::future::ready(Err(error.into()))),
        }
    }
}
