//! A property: a store behaves like a map with a list of changes.

use std::collections::BTreeMap;

use garrison_store::{CommitError, Key, KeyRange, Precondition, Revision, Store, WriteSet};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::Fixture;

/// A precondition whose revision is so many commits back.
#[derive(Debug, Clone)]
enum Wanted {
    Absent(usize),
    At(usize, u64),
    Unchanged(usize, u64),
}

#[derive(Debug, Clone)]
struct Step {
    wanted: Vec<Wanted>,
    puts: Vec<(usize, u8)>,
    deletes: Vec<usize>,
    erase: bool,
}

const NAMES: [&[&str]; 6] = [&["a"], &["a", "1"], &["a", "2"], &["ab", "1"], &["b", "1", "x"], &["b", "2"]];
const RANGES: [&[&str]; 3] = [&["a"], &["b"], &["b", "1"]];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = 0..NAMES.len();
    let wanted = prop_oneof![
        key.clone().prop_map(Wanted::Absent),
        (key.clone(), 0u64..3).prop_map(|(key, back)| Wanted::At(key, back)),
        (0..RANGES.len(), 0u64..4).prop_map(|(range, back)| Wanted::Unchanged(range, back)),
    ];
    let step = (
        proptest::collection::vec(wanted, 0..2),
        proptest::collection::btree_map(key.clone(), any::<u8>(), 0..3),
        proptest::collection::btree_set(key, 0..2),
        proptest::bool::weighted(0.05),
    );
    let step = step.prop_map(|(wanted, puts, deletes, erase)| Step {
        wanted,
        deletes: deletes.into_iter().filter(|key| !puts.contains_key(key)).collect(),
        puts: puts.into_iter().collect(),
        erase,
    });
    proptest::collection::vec(step, 1..25)
}

#[derive(Default)]
struct Model {
    records: BTreeMap<Key, (u8, Revision)>,
    changes: Vec<(Revision, Key)>,
}

impl Model {
    fn holds(&self, precondition: &Precondition) -> bool {
        match precondition {
            Precondition::Absent(key) => !self.records.contains_key(key),
            Precondition::AtRevision(key, at) => self.records.get(key).is_some_and(|(_, r)| r == at),
            Precondition::RangeUnchanged(range, since) => {
                !self.changes.iter().any(|(at, key)| at > since && range.contains(key))
            }
        }
    }
}

/// Runs random write sets against the store and a map, and compares after each.
pub async fn behaves_like_a_map(fixture: &impl Fixture) {
    let store = fixture.open().await;
    tokio::task::block_in_place(|| {
        let handle = tokio::runtime::Handle::current();
        let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
        let mut case = 0;
        let run = |steps| {
            case += 1;
            handle.block_on(compare(&*store, &format!("case{case}"), steps))
        };
        let run = std::cell::RefCell::new(run);
        TestRunner::new(config).run(&steps(), |steps| (run.borrow_mut())(steps)).unwrap();
    });
}

async fn compare(store: &impl Store, case: &str, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let key = |n: usize| Key::of(&[&[case], NAMES[n]].concat());
    let range = |n: usize| KeyRange::under(&[&[case], RANGES[n]].concat());
    let mut model = Model::default();
    let start = store.revision().await.unwrap();
    for step in steps {
        let now = store.revision().await.unwrap();
        let back = |n: u64| Revision(now.0.saturating_sub(n).max(start.0));
        let mut writes = WriteSet { erase: step.erase, ..WriteSet::default() };
        writes.preconditions = step
            .wanted
            .iter()
            .map(|wanted| match wanted {
                Wanted::Absent(n) => Precondition::Absent(key(*n)),
                Wanted::At(n, steps) => {
                    let at = model.records.get(&key(*n)).map_or(back(0), |(_, at)| *at);
                    Precondition::AtRevision(key(*n), Revision(at.0.saturating_sub(steps / 2)))
                }
                Wanted::Unchanged(n, steps) => Precondition::RangeUnchanged(range(*n), back(*steps)),
            })
            .collect();
        writes.puts.extend(step.puts.iter().map(|(n, value)| (key(*n), vec![*value; 20].into())));
        writes.deletes.extend(step.deletes.iter().map(|n| key(*n)));
        let expected = writes.preconditions.iter().all(|p| model.holds(p));
        match store.commit(writes).await {
            Ok(revision) => {
                prop_assert!(expected, "a precondition did not hold");
                prop_assert!(revision > now);
                for (n, value) in &step.puts {
                    model.records.insert(key(*n), (*value, revision));
                    model.changes.push((revision, key(*n)));
                }
                for n in &step.deletes {
                    model.records.remove(&key(*n));
                    model.changes.push((revision, key(*n)));
                }
            }
            Err(CommitError::Conflict) => prop_assert!(!expected, "every precondition held"),
            Err(error) => prop_assert!(false, "{error}"),
        }
        let (found, _) = store.scan(&KeyRange::under(&[case]), 100).await.unwrap();
        let found: Vec<_> = found.into_iter().map(|e| (e.key, (e.value[0], e.revision))).collect();
        let wanted: Vec<_> = model.records.iter().map(|(key, value)| (key.clone(), *value)).collect();
        prop_assert_eq!(found, wanted);
    }
    Ok(())
}
