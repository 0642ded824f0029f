//! Rows in groups.

use std::collections::HashMap;

use super::Limits;
use super::aggregate::{Aggregation, State};
use super::error::ExecutionError;
use super::expression::{Expression, QueryClock};
use super::value::Value;

/// What a group takes besides its values, in bytes.
const GROUP_SIZE: usize = 96;

/// The groups of a `stats`, in the order of their first rows.
#[derive(Debug)]
pub(crate) struct Groups<'q> {
    by: &'q [Expression],
    aggregations: &'q [(Aggregation, usize)],
    width: usize,
    places: HashMap<String, usize>,
    groups: Vec<Group>,
    bytes: usize,
    key: String,
}

#[derive(Debug)]
struct Group {
    values: Vec<Value<'static>>,
    states: Vec<State>,
}

impl<'q> Groups<'q> {
    pub(crate) fn new(by: &'q [Expression], aggregations: &'q [(Aggregation, usize)], width: usize) -> Self {
        Self {
            by,
            aggregations,
            width,
            places: HashMap::new(),
            groups: Vec::new(),
            bytes: 0,
            key: String::new(),
        }
    }

    pub(crate) fn push(
        &mut self,
        row: &[Value<'_>],
        clock: &QueryClock,
        limits: &Limits,
    ) -> Result<(), ExecutionError> {
        self.key.clear();
        for expression in self.by {
            expression.evaluate(row, clock).write_key(&mut self.key);
        }
        let place = match self.places.get(&self.key) {
            Some(place) => *place,
            None => self.add(row, clock, limits)?,
        };
        let Some(group) = self.groups.get_mut(place) else { return Ok(()) };
        for ((aggregation, _), state) in self.aggregations.iter().zip(&mut group.states) {
            self.bytes += aggregation.push(state, row, clock);
        }
        if self.bytes > limits.bytes { Err(ExecutionError::TooLarge) } else { Ok(()) }
    }

    fn add(
        &mut self,
        row: &[Value<'_>],
        clock: &QueryClock,
        limits: &Limits,
    ) -> Result<usize, ExecutionError> {
        let place = self.groups.len();
        if place >= limits.groups {
            return Err(ExecutionError::TooManyGroups);
        }
        let values: Vec<_> = self.by.iter().map(|by| by.evaluate(row, clock).into_owned()).collect();
        let states: Vec<_> = self.aggregations.iter().map(|(aggregation, _)| aggregation.start()).collect();
        let held: usize = values.iter().map(Value::size).sum();
        self.bytes += GROUP_SIZE + self.key.len() + held + states.len() * size_of::<State>();
        self.groups.push(Group { values, states });
        self.places.insert(self.key.clone(), place);
        Ok(place)
    }

    /// One row for each group.
    pub(crate) fn finish(self) -> impl Iterator<Item = Vec<Value<'static>>> {
        let (aggregations, width) = (self.aggregations, self.width);
        self.groups.into_iter().map(move |group| {
            let mut row = group.values;
            row.resize(width, Value::Missing);
            for ((aggregation, slot), state) in aggregations.iter().zip(group.states) {
                if let Some(place) = row.get_mut(*slot) {
                    *place = aggregation.finish(state);
                }
            }
            row
        })
    }
}
