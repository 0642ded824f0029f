//! The functions of many rows.

use super::expression::{Expression, QueryClock};
use super::function::Aggregate;
use super::sketch::{Distinct, Quantiles};
use super::value::Value;

/// An aggregate function of a query, with its arguments.
#[derive(Debug)]
pub(crate) struct Aggregation {
    pub(crate) function: Aggregate,
    /// What is aggregated; `count()` has nothing.
    pub(crate) argument: Option<Expression>,
    /// The percentage of a percentile.
    pub(crate) percent: f64,
    /// The time of a row, where the function looks at it.
    pub(crate) time: Option<Expression>,
}

/// What an aggregate function has seen of one group.
#[derive(Debug)]
pub(crate) enum State {
    Count(u64),
    Distinct(Box<Distinct>),
    Sum {
        sum: f64,
        count: u64,
    },
    Average {
        sum: f64,
        count: u64,
    },
    /// The least value, or with `true` the greatest.
    Extreme(Value<'static>, bool),
    /// Source: B. P. Welford, "Note on a method for calculating corrected sums of squares and products".
    Deviation {
        count: u64,
        mean: f64,
        squares: f64,
    },
    Quantiles(Box<Quantiles>),
    /// The value of the row with the least time, or with `true` the greatest.
    Timed {
        time: Value<'static>,
        value: Value<'static>,
        last: bool,
    },
}

impl Aggregation {
    pub(crate) fn start(&self) -> State {
        match self.function {
            Aggregate::Count => State::Count(0),
            Aggregate::CountDistinct => State::Distinct(Box::new(Distinct::new())),
            Aggregate::Sum => State::Sum { sum: 0.0, count: 0 },
            Aggregate::Average => State::Average { sum: 0.0, count: 0 },
            Aggregate::Min | Aggregate::SortsFirst => State::Extreme(Value::Missing, false),
            Aggregate::Max | Aggregate::SortsLast => State::Extreme(Value::Missing, true),
            Aggregate::StandardDeviation => State::Deviation { count: 0, mean: 0.0, squares: 0.0 },
            Aggregate::Percentile => State::Quantiles(Box::new(Quantiles::new())),
            Aggregate::Earliest | Aggregate::Latest => State::Timed {
                time: Value::Missing,
                value: Value::Missing,
                last: self.function == Aggregate::Latest,
            },
        }
    }

    /// Enters a row; how many bytes of memory that took.
    #[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
    pub(crate) fn push(&self, state: &mut State, row: &[Value<'_>], clock: &QueryClock) -> usize {
        let Some(argument) = &self.argument else {
            if let State::Count(count) = state {
                *count += 1;
            }
            return 0;
        };
        let value = argument.evaluate(row, clock);
        match state {
            State::Count(count) => *count += u64::from(!value.is_missing()),
            State::Distinct(distinct) => {
                return value.text().map_or(0, |text| distinct.push(&text));
            }
            State::Sum { sum, count } | State::Average { sum, count } => {
                if let Some(number) = value.number() {
                    *sum += number;
                    *count += 1;
                }
            }
            State::Extreme(extreme, greatest) => {
                if value.text().is_some() && replaces(&value, extreme, *greatest) {
                    return put(extreme, value);
                }
            }
            State::Deviation { count, mean, squares } => {
                if let Some(number) = value.number() {
                    *count += 1;
                    let difference = number - *mean;
                    *mean += difference / *count as f64;
                    *squares += difference * (number - *mean);
                }
            }
            State::Quantiles(quantiles) => {
                return value.number().map_or(0, |number| quantiles.push(number));
            }
            State::Timed { time, value: kept, last } => {
                let at = self.time.as_ref().map_or(Value::Missing, |time| time.evaluate(row, clock));
                if !at.is_missing() && !value.is_missing() && replaces(&at, time, *last) {
                    return put(time, at) + put(kept, value);
                }
            }
        }
        0
    }

    /// The result for a group.
    #[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
    pub(crate) fn finish(&self, state: State) -> Value<'static> {
        match state {
            State::Count(count) => Value::Number(count as f64),
            State::Distinct(distinct) => Value::Number(distinct.count()),
            State::Sum { count: 0, .. }
            | State::Average { count: 0, .. }
            | State::Deviation { count: 0, .. } => Value::Missing,
            State::Sum { sum, .. } => Value::number_from(sum),
            State::Average { sum, count } => Value::number_from(sum / count as f64),
            State::Deviation { count, squares, .. } => Value::number_from((squares / count as f64).sqrt()),
            State::Extreme(value, _) | State::Timed { value, .. } => value,
            State::Quantiles(quantiles) => {
                quantiles.percentile(self.percent).map_or(Value::Missing, Value::number_from)
            }
        }
    }
}

/// Whether `new` is more extreme than `old`, or the first of all.
fn replaces(new: &Value<'_>, old: &Value<'_>, greatest: bool) -> bool {
    let order = new.order(old);
    old.is_missing() || if greatest { order.is_gt() } else { order.is_lt() }
}

/// Puts `new` into its place; how many bytes more it takes there.
fn put(place: &mut Value<'static>, new: Value<'_>) -> usize {
    let before = place.size();
    *place = new.into_owned();
    place.size().saturating_sub(before)
}
