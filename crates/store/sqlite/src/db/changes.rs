//! The latest changes, in memory: what a range precondition is checked against.

use std::collections::VecDeque;

use garrison_store::{Key, KeyRange, Revision};

/// How many changes are remembered. A handler that has read before the oldest of them reads again.
const WINDOW: usize = 65_536;

/// Every change since a floor. It need not be stored: a process that starts afresh has no handler with an older
/// read in its hands.
#[derive(Debug)]
pub(crate) struct Changes {
    /// Changes at or below this revision may be missing here.
    floor: u64,
    list: VecDeque<(u64, Key)>,
}

impl Changes {
    /// Nothing is known of what happened up to `floor`.
    pub(crate) fn since(floor: u64) -> Self {
        Self { floor, list: VecDeque::new() }
    }

    pub(crate) fn add(&mut self, revision: u64, key: Key) {
        self.list.push_back((revision, key));
    }

    /// Forgets what a transaction that failed had added.
    pub(crate) fn roll_back(&mut self, revision: u64) {
        while self.list.back().is_some_and(|(newer, _)| *newer > revision) {
            self.list.pop_back();
        }
    }

    /// Keeps the window.
    pub(crate) fn trim(&mut self) {
        while self.list.len() > WINDOW {
            if let Some((revision, _)) = self.list.pop_front() {
                self.floor = self.floor.max(revision);
            }
        }
    }

    /// Whether nothing in the range changed after `since`, as far as that is known.
    pub(crate) fn unchanged(&self, range: &KeyRange, since: Revision) -> bool {
        since.0 >= self.floor
            && !self.list.iter().rev().take_while(|(at, _)| *at > since.0).any(|(_, key)| range.contains(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_later_changes_in_the_range_count() {
        let mut changes = Changes::since(10);
        changes.add(11, Key::of(&["a", "1"]));
        changes.add(12, Key::of(&["b", "1"]));
        let a = KeyRange::under(&["a"]);
        for (since, unchanged) in [(9, false), (10, false), (11, true), (12, true), (99, true)] {
            assert_eq!(changes.unchanged(&a, Revision(since)), unchanged, "since {since}");
        }
        changes.roll_back(10);
        assert!(changes.unchanged(&a, Revision(10)));
    }

    #[test]
    fn what_fell_out_of_the_window_counts_as_changed() {
        let mut changes = Changes::since(0);
        for revision in 1..=(WINDOW as u64 + 5) {
            changes.add(revision, Key::of(&["a", &revision.to_string()]));
        }
        changes.trim();
        let other = KeyRange::under(&["z"]);
        assert!(!changes.unchanged(&other, Revision(4)));
        assert!(changes.unchanged(&other, Revision(5)));
    }
}
