//! A compiled query: what happens to a row from phase to phase.

use std::sync::Arc;

use memchr::memmem::Finder;

use super::aggregate::Aggregation;
use super::expression::{Expression, QueryClock};
use super::fields::Discovery;
use super::value::Value;

/// A compiled query. A row has a place for every value; no place is written twice.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Fields that every event has, and their places.
    pub(crate) system: Vec<(SystemField, usize)>,
    /// Fields that are discovered in the event.
    pub(crate) discovery: Discovery,
    /// Before which operation of the first phase they are looked for.
    pub(crate) discover_before: usize,
    /// How many places the row of an event has.
    pub(crate) width: usize,
    pub(crate) phases: Vec<Phase>,
    /// What is shown: names, and the places of their values.
    pub(crate) columns: Vec<(Arc<str>, usize)>,
}

/// A field that every event has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SystemField {
    Timestamp,
    IngestionTime,
    Message,
    LogStream,
    Log,
    Ptr,
}

impl SystemField {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "@timestamp" => Self::Timestamp,
            "@ingestionTime" => Self::IngestionTime,
            "@message" => Self::Message,
            "@logStream" => Self::LogStream,
            "@log" => Self::Log,
            "@ptr" => Self::Ptr,
            _ => return None,
        })
    }
}

/// Operations on one row at a time, and where the rows then gather.
#[derive(Debug)]
pub(crate) struct Phase {
    pub(crate) operations: Vec<Operation>,
    pub(crate) sink: Sink,
}

/// What is done to one row.
#[derive(Debug)]
pub(crate) enum Operation {
    Filter(Expression),
    Compute {
        slot: usize,
        expression: Expression,
    },
    /// Texts between which there are values, and the places of the values.
    Glob {
        source: Expression,
        parts: Vec<Finder<'static>>,
        slots: Vec<usize>,
    },
    /// Groups of the expression by their number, and the places of their values.
    Regex {
        source: Expression,
        regex: Box<regex::Regex>,
        groups: Vec<(usize, usize)>,
    },
}

/// Where rows gather.
#[derive(Debug)]
pub(crate) enum Sink {
    Rows {
        /// Places that rows are ordered by, and whether each is descending.
        keys: Vec<(usize, bool)>,
        /// Places of which the values together occur once; none when rows may repeat.
        distinct: Vec<usize>,
        limit: usize,
    },
    Groups {
        /// What rows are grouped by. The values come first in the rows of the result.
        by: Vec<Expression>,
        /// Aggregate functions, and the places of their results.
        aggregations: Vec<(Aggregation, usize)>,
        /// How many places the rows of the result have.
        width: usize,
    },
}

impl Operation {
    /// What it looks at.
    pub(crate) fn source(&self) -> &Expression {
        match self {
            Self::Filter(source)
            | Self::Compute { expression: source, .. }
            | Self::Glob { source, .. }
            | Self::Regex { source, .. } => source,
        }
    }

    /// Does it to `row`; false when the row is not let pass.
    pub(crate) fn apply(&self, row: &mut [Value<'_>], clock: &QueryClock) -> bool {
        match self {
            Self::Filter(condition) => return condition.evaluate(row, clock).is_true(),
            Self::Compute { slot, expression } => {
                let value = expression.evaluate(row, clock).into_owned();
                put(row, *slot, value);
            }
            Self::Glob { source, parts, slots } => {
                let value = source.evaluate(row, clock);
                let texts = value.text().and_then(|text| {
                    Some(take_apart(&text, parts)?.into_iter().map(str::to_owned).collect::<Vec<_>>())
                });
                for (slot, text) in slots.iter().zip(texts.unwrap_or_default()) {
                    put(row, *slot, Value::Text(text.into()));
                }
            }
            Self::Regex { source, regex, groups } => {
                let value = source.evaluate(row, clock);
                let texts = value.text().and_then(|text| {
                    let found = regex.captures(&text)?;
                    let of = |group: usize| found.get(group).map(|text| text.as_str().to_owned());
                    Some(groups.iter().map(|(group, slot)| (*slot, of(*group))).collect::<Vec<_>>())
                });
                for (slot, text) in texts.into_iter().flatten() {
                    put(row, slot, text.map_or(Value::Missing, |text| Value::Text(text.into())));
                }
            }
        }
        true
    }
}

fn put<'e>(row: &mut [Value<'e>], slot: usize, value: Value<'e>) {
    if let Some(place) = row.get_mut(slot) {
        *place = value;
    }
}

/// What is between `parts` where they occur one after another, each as early as it can; the last one, if empty, is the
/// end of the text.
fn take_apart<'t>(text: &'t str, parts: &[Finder<'static>]) -> Option<Vec<&'t str>> {
    let (first, others) = parts.split_first()?;
    let mut rest = after(text, first)?.1;
    let mut values = Vec::with_capacity(others.len());
    for (part, left) in others.iter().zip((0..others.len()).rev()) {
        if left == 0 && part.needle().is_empty() {
            values.push(rest);
            break;
        }
        let (value, next) = after(rest, part)?;
        values.push(value);
        rest = next;
    }
    Some(values)
}

/// What comes before and after the first `part` of `text`.
fn after<'t>(text: &'t str, part: &Finder<'static>) -> Option<(&'t str, &'t str)> {
    let at = part.find(text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + part.needle().len()..)?))
}
