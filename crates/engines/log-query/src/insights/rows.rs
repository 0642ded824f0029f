//! Rows in order, no more of them than are wanted.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::Limits;
use super::error::ExecutionError;
use super::value::Value;

/// How many rows beyond its limit a collection holds before it sorts and drops them.
const SLACK: usize = 1024;

/// A row that is kept, and how many came before it.
#[derive(Debug)]
struct Kept {
    row: Vec<Value<'static>>,
    number: u64,
}

/// The first rows by an order; rows that are equal by it stay in the order of their coming.
#[derive(Debug)]
pub(crate) struct Rows<'q> {
    keys: &'q [(usize, bool)],
    distinct: &'q [usize],
    limit: usize,
    kept: Vec<Kept>,
    /// By the values that may occur once, the place in `kept`.
    places: HashMap<String, usize>,
    /// When as many rows are kept as are wanted, what the last of them is ordered by.
    bound: Option<Vec<Value<'static>>>,
    count: u64,
    /// About how many bytes the rows take.
    bytes: usize,
    key: String,
}

impl<'q> Rows<'q> {
    pub(crate) fn new(keys: &'q [(usize, bool)], distinct: &'q [usize], limit: usize) -> Self {
        Self {
            keys,
            distinct,
            limit,
            kept: Vec::new(),
            places: HashMap::new(),
            bound: None,
            count: 0,
            bytes: 0,
            key: String::new(),
        }
    }

    pub(crate) fn push(&mut self, row: Vec<Value<'_>>, limits: &Limits) -> Result<(), ExecutionError> {
        self.count += 1;
        if !self.distinct.is_empty() {
            return self.push_distinct(row, limits);
        }
        if let Some(bound) = &self.bound {
            let sorts = self.keys.iter().zip(bound).map(|((slot, descending), other)| {
                order(row.get(*slot).unwrap_or(&Value::Missing), other, *descending)
            });
            // Equal by its keys, it would stand behind the last.
            if !sorts.fold(Ordering::Equal, Ordering::then).is_lt() {
                return Ok(());
            }
        }
        self.keep(row);
        if self.kept.len() >= self.limit + self.limit.max(SLACK) {
            self.shrink();
        }
        self.check(limits)
    }

    /// Keeps, of rows with the same values, the one that comes first by the order.
    fn push_distinct(&mut self, row: Vec<Value<'_>>, limits: &Limits) -> Result<(), ExecutionError> {
        self.key.clear();
        for slot in self.distinct {
            row.get(*slot).unwrap_or(&Value::Missing).write_key(&mut self.key);
        }
        if let Some(place) = self.places.get(&self.key) {
            let Some(other) = self.kept.get_mut(*place) else { return Ok(()) };
            if compare(self.keys, &row, &other.row).is_lt() {
                let row: Vec<_> = row.into_iter().map(Value::into_owned).collect();
                self.bytes = (self.bytes + size(&row)).saturating_sub(size(&other.row));
                *other = Kept { row, number: self.count };
            }
            return self.check(limits);
        }
        if self.kept.len() >= limits.groups {
            return Err(ExecutionError::TooManyGroups);
        }
        self.places.insert(self.key.clone(), self.kept.len());
        self.bytes += self.key.len();
        self.keep(row);
        self.check(limits)
    }

    fn keep(&mut self, row: Vec<Value<'_>>) {
        let row: Vec<_> = row.into_iter().map(Value::into_owned).collect();
        self.bytes += size(&row);
        self.kept.push(Kept { row, number: self.count });
    }

    fn check(&mut self, limits: &Limits) -> Result<(), ExecutionError> {
        if self.bytes > limits.bytes && self.distinct.is_empty() {
            self.shrink();
        }
        if self.bytes > limits.bytes { Err(ExecutionError::TooLarge) } else { Ok(()) }
    }

    /// Drops what is beyond the limit.
    fn shrink(&mut self) {
        self.sort();
        self.bytes = self.kept.iter().map(|kept| size(&kept.row)).sum();
        if self.kept.len() == self.limit {
            let of = |last: &Kept| {
                self.keys.iter().map(|(slot, _)| last.row.get(*slot).cloned().unwrap_or_default()).collect()
            };
            self.bound = self.kept.last().map(of);
        }
    }

    fn sort(&mut self) {
        let keys = self.keys;
        self.kept.sort_unstable_by(|a, b| compare(keys, &a.row, &b.row).then(a.number.cmp(&b.number)));
        self.kept.truncate(self.limit);
    }

    /// The rows in their order.
    pub(crate) fn finish(mut self) -> impl Iterator<Item = Vec<Value<'static>>> {
        self.sort();
        self.kept.into_iter().map(|kept| kept.row)
    }
}

fn size(row: &[Value<'_>]) -> usize {
    row.iter().map(Value::size).sum()
}

fn compare(keys: &[(usize, bool)], left: &[Value<'_>], right: &[Value<'_>]) -> Ordering {
    let missing = Value::Missing;
    let sorts = keys.iter().map(|(slot, descending)| {
        order(left.get(*slot).unwrap_or(&missing), right.get(*slot).unwrap_or(&missing), *descending)
    });
    sorts.fold(Ordering::Equal, Ordering::then)
}

/// What is missing comes last either way.
fn order(left: &Value<'_>, right: &Value<'_>, descending: bool) -> Ordering {
    match (left.is_missing(), right.is_missing()) {
        (false, false) if descending => right.order(left),
        (false, false) => left.order(right),
        (left, right) => left.cmp(&right),
    }
}
