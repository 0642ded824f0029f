//! The backend: what is shared, opened and closed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use async_trait::async_trait;
use bytes::Bytes;
use garrison_store::{
    AuditLog, AuditPage, AuditQuery, AuditReservation, AuditUnavailable, CommitError, Entry, Health, Key,
    KeyRange, Observer, OutboxEvent, Revision, Store, StoreError, WriteSet,
};
use garrison_types::Timestamp;
use parking_lot::{Mutex, RwLock};
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::audit::{self, Blocks, Log};
use crate::commit::{self, Request};
use crate::error::store_error;
use crate::link::{Link, Session, Target};
use crate::{backup, lookup, schema};

/// No scan returns more records at once.
const MAX_PAGE: usize = 10_000;

/// How a database is connected to.
#[derive(Debug, Clone)]
pub struct Options {
    /// A connection string, `host=… user=… dbname=…` or `postgresql://…`. It may hold a password. With
    /// `sslrootcert=FILE` connections are TLS and the server's certificate and name are verified.
    pub connection: String,
    /// How many connections read, at least 1. Two more write.
    pub readers: usize,
}

/// A PostgreSQL database as store and audit log. It needs a tokio runtime.
///
/// Connections are made anew when they break; until then calls fail with [`StoreError::Unavailable`].
pub struct Postgres {
    shared: Arc<Shared>,
    requests: mpsc::UnboundedSender<Request>,
    readers: Vec<Link>,
    next: AtomicUsize,
}

/// What the committer shares with callers.
pub(crate) struct Shared {
    pub(crate) writer: Link,
    pub(crate) audit: Arc<Log>,
    pub(crate) blocks: Arc<Blocks>,
    pub(crate) failure: Mutex<Option<String>>,
    position: Mutex<Position>,
    observers: RwLock<Vec<Arc<dyn Observer>>>,
}

/// How far this process knows the history of the database.
#[derive(Default)]
struct Position {
    /// The writer's session that has taken the database, once everything before it is known. While it lives nobody
    /// else changes anything.
    session: Weak<Session>,
    /// The newest revision whose changes the observers have heard of; none before the first session.
    seen: Option<i64>,
}

impl Postgres {
    /// Connects, makes the tables when they are absent, and takes the database for this process alone.
    ///
    /// # Errors
    /// The connection string is none, the server cannot be reached, the tables are a newer release's, or another
    /// process has the database open.
    pub async fn connect(options: &Options) -> Result<Self, StoreError> {
        let target = Target::parse(&options.connection)?;
        let writer = take(&target).await?;
        Self::open(options, &target, writer).await
    }

    async fn open(options: &Options, target: &Target, writer: Link) -> Result<Self, StoreError> {
        let blocks = Arc::new(Blocks::default());
        let log = Log::new();
        tokio::spawn(audit::run(Arc::clone(&log), Link::new(target), Arc::clone(&blocks)));
        let shared = Arc::new(Shared {
            writer,
            audit: log,
            blocks,
            failure: Mutex::new(None),
            position: Mutex::default(),
            observers: RwLock::default(),
        });
        shared.writing().await?;
        let (requests, receiver) = mpsc::unbounded_channel();
        tokio::spawn(commit::run(Arc::clone(&shared), receiver));
        let readers = (0..options.readers.max(1)).map(|_| Link::new(target)).collect();
        Ok(Self { shared, requests, readers, next: AtomicUsize::new(0) })
    }

    /// Fills an empty database from a folder that [`Store::backup`] wrote, and connects to it.
    ///
    /// # Errors
    /// As [`Postgres::connect`]; the database is not empty; the folder is no whole backup.
    pub async fn restore(options: &Options, folder: &Path) -> Result<Self, StoreError> {
        let target = Target::parse(&options.connection)?;
        let writer = take(&target).await?;
        backup::read(&mut Link::new(&target).connect().await?, folder).await?;
        Self::open(options, &target, writer).await
    }

    /// Writes what [`Store::backup`] writes, of a database that another process may have open.
    ///
    /// # Errors
    /// The server cannot be reached, the tables are a newer release's, or the folder cannot be written.
    pub async fn copy(options: &Options, folder: &Path) -> Result<(), StoreError> {
        let mut client = Link::new(&Target::parse(&options.connection)?).connect().await?;
        schema::prepare(&mut client).await?;
        backup::write(&mut client, folder).await
    }

    /// Removes the audit records that are older than CloudTrail's event history reaches, 90 days; returns how many.
    ///
    /// # Errors
    /// The server failed.
    pub async fn prune(&self, now: Timestamp) -> Result<u64, StoreError> {
        audit::prune(&mut self.reader()?.connect().await?, now).await
    }

    fn reader(&self) -> Result<&Link, StoreError> {
        let n = self.next.fetch_add(1, Ordering::Relaxed) % self.readers.len().max(1);
        self.readers
            .get(n)
            .ok_or_else(|| StoreError::Unavailable("there is no connection to read with".to_owned()))
    }

    async fn query(
        &self,
        text: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, StoreError> {
        let session = self.reader()?.session().await?;
        let found = async {
            let statement = session.statement(text).await?;
            session.client.query(&statement, parameters).await
        };
        found.await.map_err(store_error)
    }

    async fn ask<T, E: From<StoreError>>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, E>>) -> Request,
    ) -> Result<T, E> {
        let gone = || E::from(StoreError::Unavailable("the store is closed".to_owned()));
        let (answer, receive) = oneshot::channel();
        self.requests.send(request(answer)).map_err(|_| gone())?;
        receive.await.map_err(|_| gone())?
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.shared.audit.close();
    }
}

impl Shared {
    pub(crate) fn notify(&self, revision: Revision, keys: &[Key]) {
        self.position.lock().seen = Some(revision.0.cast_signed());
        for observer in self.observers.read().iter() {
            if catch_unwind(AssertUnwindSafe(|| observer.committed(revision, keys))).is_err() {
                tracing::error!("an observer of the store panicked");
            }
        }
    }

    /// The writer's session, with the database taken and the observers told of everything that happened before.
    ///
    /// # Errors
    /// The server cannot be reached, or another process has the database open.
    pub(crate) async fn writing(&self) -> Result<Arc<Session>, StoreError> {
        let session = self.writer.session().await?;
        if !self.is_current(&session) {
            self.catch_up(&session).await?;
        }
        Ok(session)
    }

    fn is_current(&self, session: &Arc<Session>) -> bool {
        std::ptr::eq(self.position.lock().session.as_ptr(), Arc::as_ptr(session))
    }

    /// Tells the observers what a session that is new does not know: the changes of commits whose answer was lost, and
    /// those of another process that had the database meanwhile.
    async fn catch_up(&self, session: &Arc<Session>) -> Result<(), StoreError> {
        let seen = self.position.lock().seen;
        // Waits for a transaction of an earlier session that still holds these rows, where the lock has not.
        let text = "SELECT name, value FROM garrison_meta FOR UPDATE";
        let rows = session.client.query(text, &[]).await.map_err(store_error)?;
        let number = |name: &str| {
            rows.iter()
                .find(|row| row.get::<_, &str>(0) == name)
                .map(|row| row.get::<_, i64>(1))
                .unwrap_or_default()
        };
        let (revision, floor) = (number("revision"), number("changes_floor"));
        if let Some(seen) = seen.filter(|seen| *seen < revision) {
            if floor > seen {
                let text = "the database was changed by another process, further than this one can follow: restart it";
                return Err(StoreError::Unavailable(text.to_owned()));
            }
            let text = "SELECT key FROM garrison_changes WHERE revision > $1";
            let rows = session.client.query(text, &[&seen]).await.map_err(store_error)?;
            let keys: Vec<Key> = rows.iter().map(|row| Key::from_bytes(row.get(0))).collect();
            self.notify(Revision(revision.cast_unsigned()), &keys);
        }
        let mut position = self.position.lock();
        position.seen = Some(revision);
        position.session = Arc::downgrade(session);
        Ok(())
    }

    /// Ends a transaction whose fate is not known; what it did is found out before the next one. The session, and the
    /// database with it, is kept if it still answers.
    pub(crate) async fn give_up_transaction(&self) {
        self.position.lock().session = Weak::new();
        let answers = match self.writer.live().await {
            Some(session) => session.client.batch_execute("ROLLBACK").await.is_ok(),
            None => false,
        };
        if !answers {
            self.writer.discard().await;
        }
    }

    /// Whether nobody else can have changed what this process holds in memory.
    ///
    /// # Errors
    /// Somebody may have: calls that are served from memory must be refused.
    fn ensure_current(&self) -> Result<(), AuditUnavailable> {
        let session = self.position.lock().session.upgrade();
        if session.is_some_and(|session| !session.client.is_closed()) {
            return Ok(());
        }
        let reason = self.failure.lock().clone();
        Err(AuditUnavailable(reason.unwrap_or_else(|| "the connection to the database ended".to_owned())))
    }

    pub(crate) fn fail(&self, error: &StoreError) {
        let mut failure = self.failure.lock();
        if failure.is_none() {
            tracing::error!(%error, "the store cannot write");
        }
        *failure = Some(error.to_string());
    }

    pub(crate) fn recovered(&self) {
        if self.failure.lock().take().is_some() {
            tracing::info!("the store writes again");
        }
    }
}

/// Makes the tables when they are absent, and takes the database.
async fn take(target: &Target) -> Result<Link, StoreError> {
    schema::prepare(&mut Link::new(target).connect().await?).await?;
    let writer = Link::exclusive(target);
    writer.session().await?;
    Ok(writer)
}

fn revision(row: &Row, column: usize) -> Revision {
    Revision(row.get::<_, i64>(column).cast_unsigned())
}

#[async_trait]
impl Store for Postgres {
    async fn get(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        let text = "SELECT value, revision FROM garrison_records WHERE key = $1";
        let rows = self.query(text, &[&key.as_bytes()]).await?;
        Ok(rows.first().map(|row| Entry {
            key: key.clone(),
            value: Bytes::from(row.get::<_, Vec<u8>>(0)),
            revision: revision(row, 1),
        }))
    }

    async fn scan(&self, range: &KeyRange, limit: usize) -> Result<(Vec<Entry>, Revision), StoreError> {
        let limit = i64::try_from(limit.min(MAX_PAGE)).unwrap_or(i64::MAX);
        // One statement, and so one snapshot; its first row is the revision's even when nothing is found.
        let text = "SELECT m.value, r.key, r.value, r.revision FROM garrison_meta m LEFT JOIN LATERAL
            (SELECT key, value, revision FROM garrison_records WHERE key >= $1 AND key < $2 ORDER BY key LIMIT $3)
            AS r ON TRUE WHERE m.name = 'revision' ORDER BY r.key";
        let rows = self.query(text, &[&range.start, &range.end, &limit]).await?;
        let at = rows.first().map(|row| revision(row, 0)).unwrap_or_default();
        let found = rows.iter().filter_map(|row| {
            let key = row.get::<_, Option<Vec<u8>>>(1)?;
            let value = Bytes::from(row.get::<_, Vec<u8>>(2));
            Some(Entry { key: Key::from_bytes(key), value, revision: revision(row, 3) })
        });
        Ok((found.collect(), at))
    }

    async fn revision(&self) -> Result<Revision, StoreError> {
        let rows = self.query("SELECT value FROM garrison_meta WHERE name = 'revision'", &[]).await?;
        Ok(rows.first().map(|row| revision(row, 0)).unwrap_or_default())
    }

    async fn commit(&self, writes: WriteSet) -> Result<Revision, CommitError> {
        self.ask(|answer| Request::Commit(Box::new(writes), answer)).await
    }

    fn observe(&self, observer: Arc<dyn Observer>) {
        self.shared.observers.write().push(observer);
    }

    async fn outbox(&self, after: u64, limit: usize) -> Result<Vec<(u64, OutboxEvent)>, StoreError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let limit = i64::try_from(limit.min(MAX_PAGE)).unwrap_or(i64::MAX);
        let text = "SELECT sequence, topic, payload FROM garrison_outbox WHERE sequence > $1
            ORDER BY sequence LIMIT $2";
        let rows = self.query(text, &[&after, &limit]).await?;
        let event = |row: &Row| {
            let payload = Bytes::from(row.get::<_, Vec<u8>>(2));
            (row.get::<_, i64>(0).cast_unsigned(), OutboxEvent { topic: row.get(1), payload })
        };
        Ok(rows.iter().map(event).collect())
    }

    async fn trim_outbox(&self, up_to: u64) -> Result<(), StoreError> {
        let up_to = i64::try_from(up_to).unwrap_or(i64::MAX);
        self.query("DELETE FROM garrison_outbox WHERE sequence <= $1", &[&up_to]).await.map(drop)
    }

    async fn backup(&self, folder: &Path) -> Result<(), StoreError> {
        AuditLog::flush(self).await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let mut client = self.reader()?.connect().await?;
        backup::write(&mut client, folder).await
    }

    async fn reset(&self) -> Result<(), StoreError> {
        self.ask(Request::Reset).await
    }

    fn health(&self) -> Health {
        match self.shared.failure.lock().clone() {
            Some(reason) => Health::Degraded(reason),
            None => self.shared.audit.health(),
        }
    }
}

#[async_trait]
impl AuditLog for Postgres {
    fn reserve(&self, bytes: usize) -> Result<Box<dyn AuditReservation>, AuditUnavailable> {
        self.shared.ensure_current()?;
        Ok(Box::new(self.shared.audit.reserve(bytes)?))
    }

    async fn lookup(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        // What waits in memory is found once it is in the table; when the log is failing, what is there is found.
        let _ = self.shared.audit.flush().await;
        let session = self.reader()?.session().await?;
        lookup::page(&session, query).await
    }

    async fn flush(&self) -> Result<(), AuditUnavailable> {
        self.shared.audit.flush().await
    }

    fn health(&self) -> Health {
        self.shared.audit.health()
    }
}
