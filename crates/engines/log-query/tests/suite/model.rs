//! Events, and running queries over them.

use garrison_log_query::{Event, ExecutionError, Limits, Query, QueryClock, QueryStatistics};

/// When the queries of the tests are started.
pub(crate) const CLOCK: QueryClock =
    QueryClock { now: 1_719_839_131_500, start: 1_719_835_531_000, end: 1_719_839_131_000 };

/// An event of a test.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) timestamp: i64,
    pub(crate) message: String,
}

/// Rows as names and values, without `@ptr`.
pub(crate) type Rows = Vec<Vec<(String, String)>>;

/// The rows of a query, and what it looked at.
pub(crate) fn run<'l>(
    query: &Query,
    events: impl Iterator<Item = &'l Log>,
    limits: Limits,
) -> Result<(Rows, QueryStatistics), ExecutionError> {
    let mut execution = query.start(CLOCK, limits);
    for log in events {
        execution.push(&Event {
            timestamp: log.timestamp,
            ingestion_time: log.timestamp.saturating_add(1000),
            message: &log.message,
            log_stream: "stream",
            log: "111122223333:group",
            ptr: "ptr",
        })?;
    }
    let results = execution.finish()?;
    let row = |row: Vec<garrison_log_query::ResultField>| {
        let shown = row.into_iter().filter(|field| &*field.field != "@ptr");
        shown.map(|field| (field.field.to_string(), field.value)).collect()
    };
    Ok((results.rows.into_iter().map(row).collect(), results.statistics))
}
