//! Where a reader stands in a request, and which required members it did not find there.

use crate::shape::{Member, Shape};

/// After so many missing members or other violations no more are noted: the answer and the work stay small
/// however long the request.
pub(crate) const MAX_VIOLATIONS: usize = 50;

/// One step from a structure, list or map to what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A structure's member.
    Member(&'static str),
    /// A list's element, counted from 1 as AWS's messages do.
    Element(usize),
    /// A map's entry.
    Entry(String),
}

/// The place of the reader, and what was missing on the way.
#[derive(Debug, Default)]
pub struct Issues {
    path: Vec<Segment>,
    missing: Vec<Vec<Segment>>,
}

impl Issues {
    /// Called by a reader before it reads what a segment leads to.
    pub fn enter(&mut self, segment: Segment) {
        self.path.push(segment);
    }

    /// Called by a reader after that.
    pub fn leave(&mut self) {
        self.path.pop();
    }

    /// The current place, outermost first.
    pub fn path(&self) -> &[Segment] {
        &self.path
    }

    /// Notes each required member of `shape` whose bit is not set in `seen`, up to 50 in all; called by generated
    /// code.
    pub fn note_missing(&mut self, shape: &'static Shape, seen: u128) {
        for member in shape.members() {
            if member.required && !Self::is_seen(member, seen) && self.missing.len() < MAX_VIOLATIONS {
                let mut path = self.path.clone();
                path.push(Segment::Member(member.name));
                self.missing.push(path);
            }
        }
    }

    fn is_seen(member: &Member, seen: u128) -> bool {
        u32::try_from(member.index)
            .ok()
            .and_then(|bit| seen.checked_shr(bit))
            .is_some_and(|bits| bits & 1 == 1)
    }

    /// The paths of the required members that were absent.
    pub fn missing(&self) -> &[Vec<Segment>] {
        &self.missing
    }
}
