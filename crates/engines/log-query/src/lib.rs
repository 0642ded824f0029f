//! The filter patterns of CloudWatch Logs. Each is compiled once and then applied to any number of log events.
//!
//! Layer L1: pure. No input or output, no clock, no randomness.
//!
//! ```text
//! pattern ──FilterPattern::parse──▶ FilterPattern ──matches(message)──▶ bool
//!                                                 ──extract(message)──▶ values, for metrics and TestMetricFilter
//! ```
//!
//! # Rules
//! - Both take foreign text and foreign events: lengths, depths and counts are bounded, and no regular expression
//!   backtracks.
//! - JSON is scanned, not parsed: what a pattern does not name is passed over.

mod filter;
mod json;

pub use filter::{
    FilterPattern, FilterPatternError, MAX_PATTERN_LEN, MAX_REGEXES, PatternKind, Selector, SelectorError,
};
