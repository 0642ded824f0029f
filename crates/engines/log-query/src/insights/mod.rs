//! Logs Insights QL: queries over log events.
//!
//! Source: CloudWatch Logs User Guide, `CWL_QuerySyntax` and the pages below it.

mod address;
mod aggregate;
mod ast;
mod call;
mod compile;
mod compile_expression;
mod error;
mod expression;
mod fields;
mod function;
mod group;
mod lexer;
mod parser;
mod parser_expression;
mod period;
mod plan;
mod rows;
mod run;
mod sketch;
mod value;

pub use self::error::{ExecutionError, QueryError};
pub use self::expression::QueryClock;
pub use self::fields::MAX_FIELDS;
use self::plan::Plan;
pub use self::run::{Event, Execution, QueryResults, QueryStatistics, ResultField, Row};

/// The longest query, in characters, as AWS's model has it.
pub const MAX_QUERY_LEN: usize = 10_000;

/// How many rows a query returns without `limit`, and at most.
pub const DEFAULT_LIMIT: usize = 10_000;

/// How much memory a query may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most groups of a `stats`, and rows of a `dedup`.
    pub groups: usize,
    /// The most bytes of rows and groups, counted roughly.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { groups: 100_000, bytes: 256 << 20 }
    }
}

/// A compiled query.
#[derive(Debug)]
pub struct Query {
    plan: Plan,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// A `MalformedQueryException` with the place of the first thing that is not understood, not built, or against the
    /// rules of the language: more than two `stats`, a `sort` or a `limit` between them, fields that the first `stats`
    /// does not yield, anything but `limit` after `dedup`.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let length = text.chars().count();
        if length > MAX_QUERY_LEN {
            let message = format!("the query is longer than {MAX_QUERY_LEN} characters");
            return Err(QueryError { message, start: MAX_QUERY_LEN, end: length });
        }
        let plan = parser::parse(text).and_then(|stages| compile::compile(text, &stages));
        plan.map(|plan| Self { plan }).map_err(|fault| fault.locate(text))
    }

    /// Begins to run the query over events, which may come in any order.
    pub fn start(&self, clock: QueryClock, limits: Limits) -> Execution<'_> {
        Execution::new(&self.plan, clock, limits)
    }
}

/// A number as a count of something: without its fraction, and not below zero.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float saturates at both ends"
)]
fn whole(number: f64) -> usize {
    number as usize
}
