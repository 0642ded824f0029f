//! Logs Insights queries: each runs as a task of its own, and what it found stays in memory for a while.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use garrison_api_logs::errors as api;
use garrison_api_logs::types::QueryStatus;
use garrison_log_query::{Event, Limits, Query, QueryClock, QueryResults, QueryStatistics};
use garrison_schema::ApiError;
use parking_lot::Mutex;
use tokio::task::AbortHandle;

use crate::batch::Position;
use crate::group::horizon;
use crate::reader::{Reader, Scope, Wanted};
use crate::records::Group;
use crate::repo::{Found, Place, Repo};

/// How many queries of an account and Region run at once: CloudWatch Logs quotas.
const MAX_RUNNING: usize = 30;
/// How many queries are remembered; the oldest that ended makes room.
const MAX_KEPT: usize = 200;
/// How long a query may run: CloudWatch Logs quotas.
const TIMEOUT: Duration = Duration::from_mins(60);
/// What one query may hold.
const LIMITS: Limits = Limits { groups: 50_000, bytes: 32 << 20 };
/// After so many events a query lets other calls run.
const STRIDE: u64 = 1024;

/// What a query is asked.
pub(crate) struct Asked {
    pub(crate) place: Place,
    pub(crate) groups: Vec<Found<Group>>,
    pub(crate) text: String,
    pub query: Query,
    /// Milliseconds since the epoch; the end is included.
    pub start: i64,
    pub end: i64,
    pub now: i64,
    /// The most rows, when the caller gave a limit beside the query.
    pub limit: Option<usize>,
    /// The ARN of who asks.
    pub(crate) asker: Arc<str>,
}

/// A query that was asked, as it stands.
#[derive(Debug, Clone)]
pub struct State {
    pub(crate) id: String,
    pub(crate) place: Place,
    /// The names of the groups.
    pub(crate) groups: Vec<String>,
    pub(crate) text: String,
    pub(crate) created: i64,
    pub(crate) asker: Arc<str>,
    pub(crate) status: QueryStatus,
    pub(crate) results: Arc<QueryResults>,
    /// Orders queries by their age.
    number: u64,
}

impl State {
    pub(crate) fn is_running(&self) -> bool {
        self.status == QueryStatus::Running
    }
}

struct Entry {
    state: State,
    task: Option<AbortHandle>,
}

#[derive(Default)]
struct Known {
    entries: HashMap<String, Entry>,
    count: u64,
}

/// Every query that is remembered.
#[derive(Default)]
pub(crate) struct Queries {
    known: Arc<Mutex<Known>>,
}

impl Queries {
    /// Starts a query.
    ///
    /// # Errors
    /// `LimitExceededException`: too many run.
    pub(crate) fn start(&self, id: String, repo: Arc<Repo>, asked: Asked) -> Result<(), ApiError> {
        let mut known = self.known.lock();
        let running = known.entries.values().map(|entry| &entry.state);
        if running.filter(|state| state.place == asked.place && state.is_running()).count() >= MAX_RUNNING {
            return Err(api::limit_exceeded_exception(
                "LimitExceededException: Account maximum query concurrency limit reached.",
            ));
        }
        known.make_room();
        known.count += 1;
        let state = State {
            id: id.clone(),
            place: asked.place.clone(),
            groups: asked.groups.iter().map(|group| group.name.clone()).collect(),
            text: asked.text.clone(),
            created: asked.now,
            asker: Arc::clone(&asked.asker),
            status: QueryStatus::Running,
            results: Arc::default(),
            number: known.count,
        };
        let (results, own) = (Arc::clone(&self.known), id.clone());
        let task = tokio::spawn(async move {
            let (status, found) = match tokio::time::timeout(TIMEOUT, run(&repo, &asked)).await {
                Ok(Ok(found)) => (QueryStatus::Complete, found),
                Ok(Err(why)) => {
                    tracing::debug!(query = %own, why, "query failed");
                    (QueryStatus::Failed, QueryResults::default())
                }
                Err(_) => (QueryStatus::Timeout, QueryResults::default()),
            };
            results.lock().finish(&own, status, found);
        });
        known.entries.insert(id, Entry { state, task: Some(task.abort_handle()) });
        Ok(())
    }

    /// A query of this place.
    pub(crate) fn get(&self, place: &Place, id: &str) -> Option<State> {
        let known = self.known.lock();
        known.entries.get(id).map(|entry| entry.state.clone()).filter(|state| state.place == *place)
    }

    /// Every query of this place, newest first.
    pub(crate) fn list(&self, place: &Place) -> Vec<State> {
        let known = self.known.lock();
        let own = known.entries.values().map(|entry| &entry.state).filter(|state| state.place == *place);
        let mut own: Vec<State> = own.cloned().collect();
        own.sort_by_key(|state| std::cmp::Reverse(state.number));
        own
    }

    /// Stops a query; false when it has ended.
    pub(crate) fn stop(&self, id: &str) -> bool {
        let mut known = self.known.lock();
        let Some(entry) = known.entries.get_mut(id).filter(|entry| entry.state.is_running()) else {
            return false;
        };
        if let Some(task) = entry.task.take() {
            task.abort();
        }
        entry.state.status = QueryStatus::Cancelled;
        true
    }
}

impl Known {
    fn make_room(&mut self) {
        if self.entries.len() < MAX_KEPT {
            return;
        }
        let ended = self.entries.values().map(|entry| &entry.state).filter(|state| !state.is_running());
        if let Some(id) = ended.min_by_key(|state| state.number).map(|state| state.id.clone()) {
            self.entries.remove(&id);
        }
    }

    fn finish(&mut self, id: &str, status: QueryStatus, found: QueryResults) {
        if let Some(entry) = self.entries.get_mut(id)
            && entry.state.is_running()
        {
            entry.state.status = status;
            entry.state.results = Arc::new(found);
            entry.task = None;
        }
    }
}

/// Runs a query over every event of its groups and time.
async fn run(repo: &Repo, asked: &Asked) -> Result<QueryResults, String> {
    let clock = QueryClock { now: asked.now, start: asked.start, end: asked.end };
    let mut execution = asked.query.start(clock, LIMITS);
    for group in &asked.groups {
        let log = format!("{}:{}", asked.place.account, group.name);
        let from = Position::at(asked.start.max(horizon(&group.record, asked.now)));
        let end = Position::at(asked.end.saturating_add(1));
        let scope = Scope::Group(None);
        let wanted = Wanted { place: &asked.place, group: &group.record, scope, from, end };
        let mut reader = Reader::new(repo, wanted);
        let mut count = 0_u64;
        while let Some(event) = reader.next().await.map_err(|error| error.message)? {
            let pointer = format!("{}/{}", group.record.id, event.position.text());
            let event = Event {
                timestamp: event.position.timestamp,
                ingestion_time: crate::batch::ingestion(event.position.sequence),
                message: &event.message,
                log_stream: &event.stream,
                log: &log,
                ptr: &base64_simd::URL_SAFE_NO_PAD.encode_to_string(pointer),
            };
            execution.push(&event).map_err(|error| error.to_string())?;
            count += 1;
            if count.is_multiple_of(STRIDE) {
                tokio::task::yield_now().await;
            }
        }
    }
    let mut found = execution.finish().map_err(|error| error.to_string())?;
    if let Some(limit) = asked.limit {
        found.rows.truncate(limit);
    }
    Ok(found)
}

/// Counts as the interface has them.
#[expect(clippy::cast_precision_loss, reason = "the interface counts in floating point")]
pub(crate) fn statistics(
    found: &QueryStatistics,
    groups: usize,
) -> garrison_api_logs::types::QueryStatistics {
    garrison_api_logs::types::QueryStatistics {
        records_matched: Some(found.records_matched as f64),
        records_scanned: Some(found.records_scanned as f64),
        bytes_scanned: Some(found.bytes_scanned as f64),
        log_groups_scanned: Some(groups as f64),
        ..garrison_api_logs::types::QueryStatistics::default()
    }
}
