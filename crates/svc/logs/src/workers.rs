//! What falls due by itself: events older than their group's retention, and what deleted groups and streams left.

use std::sync::Arc;

use async_trait::async_trait;
use garrison_kernel::{Worker, errors};
use garrison_schema::ApiError;
use garrison_store::{Key, WriteSet};
use garrison_types::Timestamp;
use parking_lot::Mutex;

use crate::group::days_in_millis;
use crate::repo::{self, Place, Repo};

/// Batches of one hour expire together.
const HOUR: i64 = 3600 * 1000;
/// Commits wake the worker; it looks around once in so many milliseconds.
const PAUSE: i64 = 60_000;

/// The worker.
pub(crate) struct Retention {
    repo: Arc<Repo>,
    /// When it looked around last, and what it said then.
    last: Mutex<Option<(i64, Option<Timestamp>)>>,
}

impl Retention {
    pub(crate) fn new(repo: Arc<Repo>) -> Self {
        Self { repo, last: Mutex::new(None) }
    }

    async fn commit(&self, writes: WriteSet) -> Result<(), ApiError> {
        let store = self.repo.kernel().store();
        store.commit(writes).await.map(drop).map_err(|error| errors::commit(&error))
    }

    async fn sweep(&self, place: &Place, group: &str, stream: &str, mark: &Key) -> Result<(), ApiError> {
        loop {
            let mut writes = WriteSet::new();
            writes.deletes = match stream {
                "" => self.repo.remains_of_group(place, group).await?,
                stream => self.repo.remains_of_stream(place, group, stream).await?,
            };
            let done = writes.deletes.is_empty();
            if done {
                writes.deletes.push(mark.clone());
            }
            self.commit(writes).await?;
            if done {
                return Ok(());
            }
        }
    }

    /// Deletes what expired in a group, and says when its next batch does.
    async fn expire(&self, place: &Place, name: &str, mark: &Key, now: i64) -> Result<Option<i64>, ApiError> {
        let Some(group) = self.repo.group(place, name).await? else { return Ok(None) };
        let Some(days) = group.record.retention else {
            // A retention that was taken away while its mark was read.
            let mut writes = WriteSet::new();
            repo::require_group(&mut writes, place, &group);
            writes.deletes.push(mark.clone());
            self.commit(writes).await?;
            return Ok(None);
        };
        let keep = days_in_millis(days);
        loop {
            let batches = self.repo.oldest(place, &group.record.id).await?;
            let due = |last: i64| (last.saturating_add(keep) / HOUR + 1) * HOUR;
            let expired: Vec<_> = batches.iter().take_while(|batch| due(batch.last) <= now).collect();
            if expired.is_empty() {
                return Ok(batches.first().map(|batch| due(batch.last)));
            }
            let mut writes = WriteSet::new();
            for batch in expired {
                repo::delete_batch(&mut writes, place, batch);
            }
            self.commit(writes).await?;
        }
    }
}

#[async_trait]
impl Worker for Retention {
    fn name(&self) -> &'static str {
        "logs-retention"
    }

    async fn run_due(&self, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
        let millis = now.as_millis();
        if let Some((at, next)) = *self.last.lock()
            && (at..at + PAUSE).contains(&millis)
            && next.is_none_or(|next| next > now)
        {
            return Ok(next);
        }
        loop {
            let doomed = self.repo.doomed().await?;
            if doomed.is_empty() {
                break;
            }
            for (place, group, stream, mark) in doomed {
                self.sweep(&place, &group, &stream, &mark).await?;
            }
        }
        let mut next = None;
        for (place, name, mark) in self.repo.retained().await? {
            let due = self.expire(&place, &name, &mark, millis).await?;
            next = [next, due].into_iter().flatten().min();
        }
        let next = next.map(Timestamp::from_millis);
        *self.last.lock() = Some((millis, next));
        Ok(next)
    }
}
