//! Running a query over events, one at a time.

use std::borrow::Cow;
use std::sync::Arc;

use super::Limits;
use super::error::ExecutionError;
use super::expression::QueryClock;
use super::group::Groups;
use super::plan::{Operation, Plan, Sink, SystemField};
use super::rows::Rows;
use super::value::Value;

/// A log event, as a query sees it.
#[derive(Debug, Clone, Copy)]
pub struct Event<'e> {
    /// When it happened, in milliseconds since the epoch: `@timestamp`.
    pub timestamp: i64,
    /// When it was received, in milliseconds since the epoch: `@ingestionTime`.
    pub ingestion_time: i64,
    /// `@message`.
    pub message: &'e str,
    /// `@logStream`.
    pub log_stream: &'e str,
    /// `@log`: the account and the log group, `111122223333:group`.
    pub log: &'e str,
    /// `@ptr`: by which GetLogRecord finds it again.
    pub ptr: &'e str,
}

/// One value of a row of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultField {
    /// The name of the field, or the text of the expression.
    pub field: Arc<str>,
    /// The value, as a text.
    pub value: String,
}

/// A row of a result. Fields without a value are left out.
pub type Row = Vec<ResultField>;

/// What a query looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueryStatistics {
    /// How many events passed the filters.
    pub records_matched: u64,
    /// How many events there were.
    pub records_scanned: u64,
    /// How many bytes their messages had.
    pub bytes_scanned: u64,
}

/// What a query found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueryResults {
    /// At most [`super::DEFAULT_LIMIT`] rows.
    pub rows: Vec<Row>,
    /// What it looked at.
    pub statistics: QueryStatistics,
}

/// A query that is running.
#[derive(Debug)]
pub struct Execution<'q> {
    plan: &'q Plan,
    clock: QueryClock,
    limits: Limits,
    /// Where the rows of the first phase gather.
    gathered: Gathered<'q>,
    statistics: QueryStatistics,
}

#[derive(Debug)]
enum Gathered<'q> {
    Rows(Rows<'q>),
    Groups(Groups<'q>),
}

impl<'q> Gathered<'q> {
    fn new(sink: &'q Sink) -> Self {
        match sink {
            Sink::Rows { keys, distinct, limit } => Self::Rows(Rows::new(keys, distinct, *limit)),
            Sink::Groups { by, aggregations, width } => Self::Groups(Groups::new(by, aggregations, *width)),
        }
    }

    fn push(
        &mut self,
        row: Vec<Value<'_>>,
        clock: &QueryClock,
        limits: &Limits,
    ) -> Result<(), ExecutionError> {
        match self {
            Self::Rows(rows) => rows.push(row, limits),
            Self::Groups(groups) => groups.push(&row, clock, limits),
        }
    }

    fn finish(self) -> Vec<Vec<Value<'static>>> {
        match self {
            Self::Rows(rows) => rows.finish().collect(),
            Self::Groups(groups) => groups.finish().collect(),
        }
    }
}

impl<'q> Execution<'q> {
    pub(crate) fn new(plan: &'q Plan, clock: QueryClock, limits: Limits) -> Self {
        // A plan has at least one phase; without one, nothing is kept.
        const NOTHING: Sink = Sink::Rows { keys: Vec::new(), distinct: Vec::new(), limit: 0 };
        static EMPTY: Sink = NOTHING;
        let sink = plan.phases.first().map_or(&EMPTY, |phase| &phase.sink);
        Self { plan, clock, limits, gathered: Gathered::new(sink), statistics: QueryStatistics::default() }
    }

    /// Applies the query to one more event.
    ///
    /// # Errors
    /// The query needs more groups or memory than [`Limits`] allows; it cannot go on.
    pub fn push(&mut self, event: &Event<'_>) -> Result<(), ExecutionError> {
        self.statistics.records_scanned += 1;
        self.statistics.bytes_scanned += u64::try_from(event.message.len()).unwrap_or_default();
        let mut row = vec![Value::Missing; self.plan.width];
        for (field, slot) in &self.plan.system {
            if let Some(place) = row.get_mut(*slot) {
                *place = of_event(*field, event);
            }
        }
        let operations = self.plan.phases.first().map_or(&[][..], |phase| &phase.operations);
        let (before, after) =
            operations.split_at_checked(self.plan.discover_before).unwrap_or((operations, &[]));
        if !apply(before, &mut row, &self.clock) {
            return Ok(());
        }
        if !self.plan.discovery.is_empty() {
            self.plan.discovery.discover(event.message, &mut row);
        }
        if !apply(after, &mut row, &self.clock) {
            return Ok(());
        }
        self.statistics.records_matched += 1;
        self.gathered.push(row, &self.clock, &self.limits)
    }

    /// What has been looked at so far.
    pub fn statistics(&self) -> QueryStatistics {
        self.statistics
    }

    /// The result over all events that were pushed.
    ///
    /// # Errors
    /// A later command of the query needs more groups or memory than [`Limits`] allows.
    pub fn finish(self) -> Result<QueryResults, ExecutionError> {
        let mut rows = self.gathered.finish();
        for phase in self.plan.phases.iter().skip(1) {
            let mut gathered = Gathered::new(&phase.sink);
            for mut row in rows {
                if apply(&phase.operations, &mut row, &self.clock) {
                    gathered.push(row, &self.clock, &self.limits)?;
                }
            }
            rows = gathered.finish();
        }
        let show = |row: Vec<Value<'static>>| {
            let fields = self.plan.columns.iter().filter_map(|(name, slot)| {
                Some(ResultField { field: Arc::clone(name), value: row.get(*slot)?.display()? })
            });
            fields.collect()
        };
        Ok(QueryResults { rows: rows.into_iter().map(show).collect(), statistics: self.statistics })
    }
}

/// Whether the row passes them all.
fn apply(operations: &[Operation], row: &mut [Value<'_>], clock: &QueryClock) -> bool {
    operations.iter().all(|operation| operation.apply(row, clock))
}

fn of_event<'e>(field: SystemField, event: &Event<'e>) -> Value<'e> {
    let text = match field {
        SystemField::Timestamp => return Value::Time(event.timestamp),
        SystemField::IngestionTime => return Value::Time(event.ingestion_time),
        SystemField::Message => event.message,
        SystemField::LogStream => event.log_stream,
        SystemField::Log => event.log,
        SystemField::Ptr => event.ptr,
    };
    Value::Text(Cow::Borrowed(text))
}
