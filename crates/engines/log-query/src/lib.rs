//! The two languages of CloudWatch Logs: filter patterns, and Logs Insights QL. Each text is compiled once and then
//! applied to any number of log events.
//!
//! Layer L1: pure. No input or output, no clock, no randomness: the time of a query is a parameter.
//!
//! ```text
//! pattern ──FilterPattern::parse──▶ FilterPattern ──matches(message)──▶ bool
//!                                                 ──extract(message)──▶ values, for metrics and TestMetricFilter
//!
//! query ──Query::parse──▶ Query ──start(clock)──▶ Execution ◀──push(event)── events, one at a time
//!                                                     └──finish()──▶ QueryResults: rows and statistics
//! ```
//!
//! # Rules
//! - Both take foreign text and foreign events: lengths, depths and counts are bounded, and no regular expression
//!   backtracks.
//! - JSON is scanned, not parsed: what a pattern or a query does not name is passed over.
//! - A query holds no more rows than it returns, and no more groups than [`Limits`] allows.

mod filter;
mod insights;
mod json;

pub use filter::{
    FilterPattern, FilterPatternError, MAX_PATTERN_LEN, MAX_REGEXES, PatternKind, Selector, SelectorError,
};
pub use insights::{
    DEFAULT_LIMIT, Event, Execution, ExecutionError, Limits, MAX_FIELDS, MAX_QUERY_LEN, Query, QueryClock,
    QueryError, QueryResults, QueryStatistics, ResultField, Row,
};
