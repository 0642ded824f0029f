//! The fields that are discovered in an event: its JSON, flattened.
//!
//! Source: CloudWatch Logs User Guide, `CWL_AnalyzeLogData-discoverable-fields`.

use std::borrow::Cow;

use super::value::Value;
use crate::json::{Kind, Scalar, Scan, Scanner};

/// The most fields that are discovered in one event; those behind them are left to `parse`.
pub const MAX_FIELDS: usize = 200;

/// The fields of events that a query names.
#[derive(Debug, Default)]
pub(crate) struct Discovery {
    /// Names such as `a.b.0`, and the places of a row that their values go to.
    names: Vec<(Box<str>, usize)>,
}

/// A name of which the first `matched` bytes lead to the value at hand.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    name: usize,
    matched: usize,
}

impl Discovery {
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether the value at this place is discovered.
    pub(crate) fn has(&self, slot: usize) -> bool {
        self.names.iter().any(|(_, other)| *other == slot)
    }

    /// The place for the field with this name, which is `new` if it has not been named before.
    pub(crate) fn slot(&mut self, name: &str, new: usize) -> usize {
        if let Some((_, slot)) = self.names.iter().find(|(known, _)| **known == *name) {
            return *slot;
        }
        self.names.push((name.into(), new));
        new
    }

    /// Puts the fields of `message` into their places. A message that is not a JSON object has none.
    pub(crate) fn discover<'e>(&self, message: &'e str, row: &mut [Value<'e>]) {
        let mut scanner = Scanner::new(message);
        if scanner.kind() != Ok(Kind::Object) {
            return;
        }
        let mut candidates: Vec<Candidate> = Vec::with_capacity(self.names.len() + 8);
        candidates.extend((0..self.names.len()).map(|name| Candidate { name, matched: 0 }));
        let read = self.container(&mut scanner, Kind::Object, 0, 0, &mut candidates, row);
        if read.and_then(|()| scanner.end()).is_err() {
            for (_, slot) in &self.names {
                set(row, *slot, Value::Missing);
            }
        }
    }

    /// Reads an object or an array. `candidates` from `first` lead to it; what is added to them is taken away again.
    fn container<'e>(
        &self,
        scanner: &mut Scanner<'e>,
        kind: Kind,
        depth: usize,
        first: usize,
        candidates: &mut Vec<Candidate>,
        row: &mut [Value<'e>],
    ) -> Scan<()> {
        let here = candidates.len();
        let mut part = |scanner: &mut Scanner<'e>, step: &str| {
            for at in first..here {
                let Some(candidate) = candidates.get(at).copied() else { break };
                if let Some(matched) = self.advance(candidate, step, depth == 0) {
                    candidates.push(Candidate { matched, ..candidate });
                }
            }
            if candidates.len() == here {
                return scanner.skip(depth + 1);
            }
            let kind = scanner.kind()?;
            if kind == Kind::Scalar {
                let discovered = scanner.scalars < MAX_FIELDS;
                let scalar = scanner.scalar()?;
                if discovered {
                    self.put(candidates.get(here..).unwrap_or_default(), scalar, row);
                }
            } else {
                self.container(scanner, kind, depth + 1, here, candidates, row)?;
            }
            candidates.truncate(here);
            Ok(())
        };
        if kind == Kind::Object {
            scanner.object(depth, |scanner, key| part(scanner, &key.decode()))
        } else {
            scanner.array(depth, |scanner, index| part(scanner, index.to_string().as_str()))
        }
    }

    /// How much of the name is matched once `step` is; `None` when it does not go on with it. A key that begins with
    /// an at sign is shown with another one.
    fn advance(&self, candidate: Candidate, step: &str, root: bool) -> Option<usize> {
        let (name, _) = self.names.get(candidate.name)?;
        let mut rest = name.get(candidate.matched..)?;
        if root && step.starts_with('@') {
            rest = rest.strip_prefix('@')?;
        }
        let rest = rest.strip_prefix(step)?;
        if rest.is_empty() {
            return Some(name.len());
        }
        rest.strip_prefix('.').map(|rest| name.len() - rest.len())
    }

    fn put<'e>(&self, candidates: &[Candidate], scalar: Scalar<'e>, row: &mut [Value<'e>]) {
        for candidate in candidates {
            let Some((name, slot)) = self.names.get(candidate.name) else { continue };
            if candidate.matched < name.len() {
                continue;
            }
            let value = match scalar {
                Scalar::Null => Value::Missing,
                Scalar::Bool(value) => Value::Bool(value),
                Scalar::Number(text) => Value::Text(Cow::Borrowed(text)),
                Scalar::String(text) => Value::Text(text.decode()),
            };
            set(row, *slot, value);
        }
    }
}

fn set<'e>(row: &mut [Value<'e>], slot: usize, value: Value<'e>) {
    if let Some(place) = row.get_mut(slot) {
        *place = value;
    }
}
