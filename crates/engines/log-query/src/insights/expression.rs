//! Compiled expressions, and what they yield for a row.

use super::ast::{Arithmetic, Comparison, Match};
use super::call::call;
use super::function::Function;
use super::period::Period;
use super::value::Value;

/// The time of a query, as its functions see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueryClock {
    /// When the query was started, in milliseconds since the epoch: `now()`, which shows it in seconds.
    pub now: i64,
    /// The beginning of the query's range, in milliseconds since the epoch: `queryStartTime()`.
    pub start: i64,
    /// The end of the query's range, in milliseconds since the epoch: `queryEndTime()`.
    pub end: i64,
}

/// An expression whose names are places of a row.
#[derive(Debug)]
pub(crate) enum Expression {
    /// The value at this place of the row.
    Slot(usize),
    Constant(Value<'static>),
    Negative(Box<Self>),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Compare(Comparison, Box<Self>, Box<Self>),
    Arithmetic(Arithmetic, Box<Self>, Box<Self>),
    Like {
        value: Box<Self>,
        pattern: Match,
        negated: bool,
    },
    In {
        value: Box<Self>,
        list: Vec<Self>,
        negated: bool,
    },
    Call(Function, Vec<Self>),
    Part(Box<Self>, Vec<String>),
    /// A timestamp rounded down, or up.
    Round {
        time: Box<Self>,
        period: Period,
        up: bool,
    },
}

impl Expression {
    /// Whether it looks at a place of the row for which `is` holds.
    pub(crate) fn looks_at(&self, is: &dyn Fn(usize) -> bool) -> bool {
        let any = |list: &[Self]| list.iter().any(|inner| inner.looks_at(is));
        match self {
            Self::Slot(slot) => is(*slot),
            Self::Constant(_) => false,
            Self::Negative(inner) | Self::Not(inner) | Self::Part(inner, _) => inner.looks_at(is),
            Self::Like { value: inner, .. } | Self::Round { time: inner, .. } => inner.looks_at(is),
            Self::And(left, right)
            | Self::Or(left, right)
            | Self::Compare(_, left, right)
            | Self::Arithmetic(_, left, right) => left.looks_at(is) || right.looks_at(is),
            Self::In { value, list, .. } => value.looks_at(is) || any(list),
            Self::Call(_, arguments) => any(arguments),
        }
    }

    pub(crate) fn evaluate<'r>(&'r self, row: &'r [Value<'_>], clock: &QueryClock) -> Value<'r> {
        let truth = |inner: &'r Self| inner.evaluate(row, clock).is_true();
        match self {
            Self::Slot(slot) => row.get(*slot).map_or(Value::Missing, Value::borrowed),
            Self::Constant(value) => value.borrowed(),
            Self::Negative(inner) => match inner.evaluate(row, clock).number() {
                Some(number) => Value::Number(-number),
                None => Value::Missing,
            },
            Self::Not(inner) => Value::Bool(!truth(inner)),
            Self::And(left, right) => Value::Bool(truth(left) && truth(right)),
            Self::Or(left, right) => Value::Bool(truth(left) || truth(right)),
            Self::Compare(operator, left, right) => {
                let (left, right) = (left.evaluate(row, clock), right.evaluate(row, clock));
                Value::Bool(holds(*operator, &left, &right))
            }
            Self::Arithmetic(operator, left, right) => {
                let (left, right) = (left.evaluate(row, clock).number(), right.evaluate(row, clock).number());
                left.zip(right).map_or(Value::Missing, |(left, right)| compute(*operator, left, right))
            }
            Self::Like { value, pattern, negated } => {
                let value = value.evaluate(row, clock);
                let found = value.text().is_some_and(|text| match pattern {
                    Match::Part(finder) => finder.find(text.as_bytes()).is_some(),
                    Match::Regex(regex) => regex.is_match(&text),
                });
                Value::Bool(found != *negated)
            }
            Self::In { value, list, negated } => {
                let value = value.evaluate(row, clock);
                let is = |other: &'r Self| holds(Comparison::Equal, &value, &other.evaluate(row, clock));
                Value::Bool(list.iter().any(is) != *negated)
            }
            Self::Call(function, arguments) => call(*function, arguments, row, clock),
            Self::Part(of, path) => of.evaluate(row, clock).part(path),
            Self::Round { time, period, up } => match millis(&time.evaluate(row, clock)) {
                Some(millis) => Value::Time(if *up { period.ceil(millis) } else { period.floor(millis) }),
                None => Value::Missing,
            },
        }
    }
}

/// Milliseconds since the epoch.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast of a float saturates, and no time is so far away"
)]
pub(crate) fn millis(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Time(millis) => Some(*millis),
        other => other.number().map(|number| number as i64),
    }
}

/// A comparison with what is missing, or with a map or a list, is false, and so its negation is true.
fn holds(operator: Comparison, left: &Value<'_>, right: &Value<'_>) -> bool {
    let equality = matches!(operator, Comparison::Equal | Comparison::NotEqual);
    match (operator, left.compare(right, !equality)) {
        (Comparison::Equal, ordering) => ordering.is_some_and(std::cmp::Ordering::is_eq),
        (Comparison::NotEqual, ordering) => !ordering.is_some_and(std::cmp::Ordering::is_eq),
        (_, None) => false,
        (Comparison::Less, Some(ordering)) => ordering.is_lt(),
        (Comparison::LessOrEqual, Some(ordering)) => ordering.is_le(),
        (Comparison::Greater, Some(ordering)) => ordering.is_gt(),
        (Comparison::GreaterOrEqual, Some(ordering)) => ordering.is_ge(),
    }
}

fn compute(operator: Arithmetic, left: f64, right: f64) -> Value<'static> {
    Value::number_from(match operator {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide => left / right,
        Arithmetic::Remainder => left % right,
        Arithmetic::Power => left.powf(right),
    })
}
