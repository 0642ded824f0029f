//! What is promised of records.

use std::sync::Arc;

use bytes::Bytes;
use garrison_store::{
    CommitError, Key, KeyRange, Observer, OutboxEvent, Precondition, Revision, Store, WriteSet,
};
use parking_lot::Mutex;

use crate::Fixture;
use crate::samples::{all_pages, everything, record};

fn key(name: &str) -> Key {
    Key::of(&["t", name])
}

fn put(name: &str, value: &str) -> WriteSet {
    let mut writes = WriteSet::new();
    writes.put(key(name), value.to_owned());
    writes
}

async fn text(store: &impl Store, name: &str) -> Option<String> {
    let entry = store.get(&key(name)).await.unwrap();
    entry.map(|entry| String::from_utf8(entry.value.to_vec()).unwrap())
}

fn is_conflict<T>(result: &Result<T, CommitError>) -> bool {
    matches!(result, Err(CommitError::Conflict))
}

/// Put, get, replace, delete; revisions grow by commits.
pub async fn a_record_is_read_as_it_was_written(fixture: &impl Fixture) {
    let store = fixture.open().await;
    assert_eq!(store.revision().await.unwrap(), Revision(0));
    assert_eq!(store.get(&key("a")).await.unwrap(), None);
    let first = store.commit(put("a", "1")).await.unwrap();
    assert!(first > Revision(0));
    let entry = store.get(&key("a")).await.unwrap().unwrap();
    assert_eq!((entry.key, entry.value.as_ref(), entry.revision), (key("a"), b"1".as_slice(), first));
    let second = store.commit(put("a", "2")).await.unwrap();
    assert!(second > first);
    assert_eq!(store.get(&key("a")).await.unwrap().unwrap().revision, second);
    let mut writes = WriteSet::new();
    writes.delete(key("a"), second);
    let third = store.commit(writes).await.unwrap();
    assert_eq!(store.get(&key("a")).await.unwrap(), None);
    assert_eq!(store.revision().await.unwrap(), third);
    let mut absent = WriteSet::new();
    absent.deletes.push(key("never"));
    store.commit(absent).await.unwrap();
}

/// Scans return byte order, honour limits and ranges, and the next page starts behind the last key.
pub async fn a_scan_is_ordered_and_pages_do_not_overlap(fixture: &impl Fixture) {
    let store = fixture.open().await;
    let mut writes = WriteSet::new();
    let names: Vec<String> = (0..25).map(|n| format!("{:02}", (n * 7) % 25)).collect();
    for name in &names {
        writes.put(Key::of(&["s", "in", name]), name.clone());
    }
    writes.put(Key::of(&["s", "in"]), "the path itself");
    writes.put(Key::of(&["s", "inner", "x"]), "a sibling");
    let committed = store.commit(writes).await.unwrap();
    let mut range = KeyRange::under(&["s", "in"]);
    let mut found = Vec::new();
    loop {
        let (page, revision) = store.scan(&range, 10).await.unwrap();
        assert_eq!(revision, committed);
        assert!(page.len() <= 10);
        let Some(last) = page.last() else { break };
        range = range.after(&last.key);
        found.extend(page);
    }
    let expected: Vec<String> = (0..25).map(|n| format!("{n:02}")).collect();
    assert_eq!(found.iter().map(|e| e.key.last().to_owned()).collect::<Vec<_>>(), expected);
    assert!(found.iter().all(|e| e.revision == committed && e.value == e.key.last().as_bytes()));
    assert!(store.scan(&KeyRange::under(&["s", "none"]), 10).await.unwrap().0.is_empty());
}

/// Keys that are not text, empty values and large ones.
pub async fn keys_and_values_of_any_bytes_survive(fixture: &impl Fixture) {
    let store = fixture.open().await;
    let keys = [vec![0xff, 0xfe], vec![1], "é'\"\\%_".as_bytes().to_vec(), vec![b'k'; 1000]];
    let values = [Bytes::new(), Bytes::from(vec![0; 3]), Bytes::from((0..=255).collect::<Vec<u8>>())];
    let large = Bytes::from((0..300_000u32).flat_map(u32::to_le_bytes).collect::<Vec<u8>>());
    let mut writes = WriteSet::new();
    for (key, value) in keys.iter().zip(values.iter().chain([&large])) {
        writes.put(Key::from_bytes(key.clone()), value.clone());
    }
    store.commit(writes).await.unwrap();
    for (key, value) in keys.iter().zip(values.iter().chain([&large])) {
        assert_eq!(&store.get(&Key::from_bytes(key.clone())).await.unwrap().unwrap().value, value);
    }
}

/// Every kind of precondition, both ways.
pub async fn preconditions_hold_or_conflict(fixture: &impl Fixture) {
    let store = fixture.open().await;
    let one = store.commit(put("a", "1")).await.unwrap();
    let two = store.commit(put("b", "1")).await.unwrap();
    let range = KeyRange::under(&["t"]);
    let elsewhere = KeyRange::under(&["u"]);
    for (precondition, holds) in [
        (Precondition::Absent(key("c")), true),
        (Precondition::Absent(key("a")), false),
        (Precondition::AtRevision(key("a"), one), true),
        (Precondition::AtRevision(key("a"), two), false),
        (Precondition::AtRevision(key("c"), two), false),
        (Precondition::RangeUnchanged(range.clone(), two), true),
        (Precondition::RangeUnchanged(range.clone(), one), false),
        (Precondition::RangeUnchanged(elsewhere, one), true),
    ] {
        let mut writes = WriteSet::new();
        writes.preconditions.push(precondition.clone());
        writes.put(Key::of(&["v", "x"]), "v");
        let result = store.commit(writes).await;
        assert_eq!(result.is_ok(), holds, "{precondition:?}: {result:?}");
        assert_eq!(is_conflict(&result), !holds, "{precondition:?}");
    }
    let mut writes = WriteSet::new();
    writes.delete(key("a"), one);
    store.commit(writes).await.unwrap();
    let mut writes = put("c", "1");
    writes.require_range(range, two);
    assert!(is_conflict(&store.commit(writes).await), "a deletion changes its range");
}

/// A write set with one failing precondition leaves no trace of the rest.
pub async fn a_conflict_changes_nothing(fixture: &impl Fixture) {
    let store = fixture.open().await;
    store.commit(put("a", "1")).await.unwrap();
    let before = store.revision().await.unwrap();
    let mut writes = put("b", "2");
    writes.deletes.push(key("a"));
    writes.outbox.push(OutboxEvent { topic: "t".to_owned(), payload: Bytes::new() });
    writes.audit.push(record(1));
    writes.create(key("a"), "again");
    assert!(is_conflict(&store.commit(writes).await));
    assert_eq!(text(&*store, "a").await.as_deref(), Some("1"));
    assert_eq!(text(&*store, "b").await, None);
    assert_eq!(store.revision().await.unwrap(), before);
    assert!(store.outbox(0, 10).await.unwrap().is_empty());
    assert!(all_pages(&*store, everything(10)).await.is_empty());
}

/// Many create the same record at once: one succeeds.
pub async fn only_one_of_two_creators_wins(fixture: &impl Fixture) {
    let store = fixture.open().await;
    let tasks: Vec<_> = (0..10)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let mut writes = WriteSet::new();
                writes.create(key("one"), n.to_string());
                store.commit(writes).await
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert!(matches!(error, CommitError::Conflict), "{error}"),
        }
    }
    assert_eq!(won, 1);
}

/// Read, add one, write at the revision read; again on conflict: no increment is lost.
pub async fn concurrent_increments_are_all_counted(fixture: &impl Fixture) {
    const TASKS: usize = 8;
    const EACH: usize = 10;
    let store = fixture.open().await;
    store.commit(put("n", "0")).await.unwrap();
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for _ in 0..EACH {
                    increment(&*store).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(text(&*store, "n").await, Some((TASKS * EACH).to_string()));
}

async fn increment(store: &impl Store) {
    loop {
        let entry = store.get(&key("n")).await.unwrap().unwrap();
        let n: usize = std::str::from_utf8(&entry.value).unwrap().parse().unwrap();
        let mut writes = WriteSet::new();
        writes.replace(key("n"), entry.revision, (n + 1).to_string());
        match store.commit(writes).await {
            Ok(_) => return,
            Err(error) => assert!(matches!(error, CommitError::Conflict), "{error}"),
        }
    }
}

/// Each counts a range and adds a record while there are fewer than five: there are never more than five.
pub async fn a_counted_range_admits_no_phantom(fixture: &impl Fixture) {
    const QUOTA: usize = 5;
    let store = fixture.open().await;
    let range = KeyRange::under(&["q"]);
    let tasks: Vec<_> = (0..12)
        .map(|n| {
            let (store, range) = (Arc::clone(&store), range.clone());
            tokio::spawn(async move {
                loop {
                    let (found, revision) = store.scan(&range, 100).await.unwrap();
                    if found.len() >= QUOTA {
                        return;
                    }
                    let mut writes = WriteSet::new();
                    writes.put(Key::of(&["q", &n.to_string()]), "x").require_range(range.clone(), revision);
                    match store.commit(writes).await {
                        Ok(_) => return,
                        Err(error) => assert!(matches!(error, CommitError::Conflict), "{error}"),
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(store.scan(&range, 100).await.unwrap().0.len(), QUOTA);
}

#[derive(Default)]
struct Ears(Mutex<Vec<(Revision, Vec<Key>)>>);

impl Observer for Ears {
    fn committed(&self, revision: Revision, keys: &[Key]) {
        self.0.lock().push((revision, keys.to_vec()));
    }
}

/// An observer knows of a commit when its caller does, and hears commits in the order of revisions.
pub async fn observers_hear_every_commit_in_order_before_its_answer(fixture: &impl Fixture) {
    let store = fixture.open().await;
    let ears = Arc::new(Ears::default());
    store.observe(Arc::clone(&ears) as Arc<dyn Observer>);
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let (store, ears) = (Arc::clone(&store), Arc::clone(&ears));
            tokio::spawn(async move {
                let name = format!("o{n}");
                let mut writes = put(&name, "x");
                writes.deletes.push(key("gone"));
                let revision = store.commit(writes).await.unwrap();
                let heard = ears.0.lock();
                let (_, keys) =
                    heard.iter().find(|(at, _)| *at == revision).expect("heard before the answer");
                assert_eq!(keys, &[key(&name), key("gone")]);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let heard = ears.0.lock();
    assert_eq!(heard.len(), 20);
    assert!(heard.windows(2).all(|pair| pair[0].0 < pair[1].0), "in order");
}

/// Events come in commit order with numbers that grow and are never used again.
pub async fn the_outbox_keeps_order_until_it_is_trimmed(fixture: &impl Fixture) {
    let store = fixture.open().await;
    for n in 0..5u8 {
        let mut writes = WriteSet::new();
        for half in 0..2 {
            writes.outbox.push(OutboxEvent { topic: format!("t{n}"), payload: Bytes::from(vec![n, half]) });
        }
        store.commit(writes).await.unwrap();
    }
    let events = store.outbox(0, 100).await.unwrap();
    let payloads: Vec<_> = events.iter().map(|(_, event)| event.payload.to_vec()).collect();
    assert_eq!(payloads, (0..5).flat_map(|n| [vec![n, 0], vec![n, 1]]).collect::<Vec<_>>());
    assert!(events.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert_eq!(events[3].1.topic, "t1");
    assert_eq!(store.outbox(events[3].0, 2).await.unwrap(), events[4..6]);
    store.trim_outbox(events[9].0).await.unwrap();
    assert!(store.outbox(0, 100).await.unwrap().is_empty());
    let mut writes = WriteSet::new();
    writes.outbox.push(OutboxEvent { topic: "later".to_owned(), payload: Bytes::new() });
    store.commit(writes).await.unwrap();
    assert!(store.outbox(0, 100).await.unwrap()[0].0 > events[9].0, "a cursor never sees a number twice");
}

/// What was committed is there when the place is opened again; revisions go on.
pub async fn commits_survive_a_reopen(fixture: &impl Fixture) {
    let store = fixture.open().await;
    let mut writes = put("a", "1");
    writes.outbox.push(OutboxEvent { topic: "t".to_owned(), payload: Bytes::from_static(b"p") });
    store.commit(writes).await.unwrap();
    let last = store.commit(put("b", "2")).await.unwrap();
    let events = store.outbox(0, 10).await.unwrap();
    drop(store);
    let store = fixture.open().await;
    assert_eq!(store.revision().await.unwrap(), last);
    assert_eq!(text(&*store, "a").await.as_deref(), Some("1"));
    assert_eq!(text(&*store, "b").await.as_deref(), Some("2"));
    assert_eq!(store.outbox(0, 10).await.unwrap(), events);
    let mut writes = put("c", "3");
    writes.require_range(KeyRange::under(&["t"]), last);
    assert!(store.commit(writes).await.unwrap() > last);
}

/// Erasing is replacing and deleting, with more promised about files, which each backend tests itself.
pub async fn an_erasing_commit_replaces_and_deletes(fixture: &impl Fixture) {
    let store = fixture.open().await;
    store.commit(put("a", "secret 1")).await.unwrap();
    store.commit(put("b", "secret 2")).await.unwrap();
    let mut writes = put("a", "public");
    writes.deletes.push(key("b"));
    writes.erase = true;
    let revision = store.commit(writes).await.unwrap();
    assert_eq!(text(&*store, "a").await.as_deref(), Some("public"));
    assert_eq!(text(&*store, "b").await, None);
    assert!(store.commit(put("c", "3")).await.unwrap() > revision);
}

/// Records, events and audit records go; revisions do not start again.
pub async fn reset_leaves_nothing(fixture: &impl Fixture) {
    let store = fixture.open().await;
    let ears = Arc::new(Ears::default());
    store.observe(Arc::clone(&ears) as Arc<dyn Observer>);
    let mut writes = put("a", "1");
    writes.outbox.push(OutboxEvent { topic: "t".to_owned(), payload: Bytes::new() });
    writes.audit.push(record(1));
    let revision = store.commit(writes).await.unwrap();
    crate::samples::append(&*store, record(2)).await;
    store.reset().await.unwrap();
    assert_eq!(text(&*store, "a").await, None);
    assert!(store.outbox(0, 10).await.unwrap().is_empty());
    assert!(all_pages(&*store, everything(10)).await.is_empty());
    assert!(store.revision().await.unwrap() >= revision);
    let (_, keys) = ears.0.lock().last().cloned().unwrap();
    assert_eq!(keys, [key("a")], "observers hear what went");
    let mut stale = put("b", "1");
    stale.require_range(KeyRange::under(&["t"]), revision);
    assert!(is_conflict(&store.commit(stale).await));
    let mut writes = put("a", "2");
    writes.audit.push(record(3));
    store.commit(writes).await.unwrap();
    drop(store);
    let store = fixture.open().await;
    assert_eq!(text(&*store, "a").await.as_deref(), Some("2"));
    assert_eq!(all_pages(&*store, everything(10)).await, [record(3)]);
}
