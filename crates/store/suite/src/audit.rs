//! What is promised of the audit log.

use std::sync::Arc;

use bytes::Bytes;
use garrison_store::{AuditAttribute, AuditLog, AuditQuery, AuditRecord, Health, Key, Store, WriteSet};
use garrison_types::Timestamp;

use crate::Fixture;
use crate::samples::{all_pages, append, event_id, everything, record};

/// The records of `all` that a predicate wants, newest first.
fn expected(all: &[AuditRecord], wanted: impl Fn(&AuditRecord) -> bool) -> Vec<AuditRecord> {
    all.iter().rev().filter(|record| wanted(record)).cloned().collect()
}

async fn fill(log: &impl AuditLog, count: u64) -> Vec<AuditRecord> {
    let all: Vec<_> = (0..count).map(record).collect();
    let waits: Vec<_> =
        all.iter().map(|record| log.reserve(record.json.len()).unwrap().append(record.clone())).collect();
    for wait in waits {
        wait.await.unwrap();
    }
    all
}

/// Each lookup attribute finds exactly its records, before and after a reopen.
pub async fn records_are_found_by_each_attribute(fixture: &impl Fixture) {
    let mut log = fixture.open().await;
    let all = fill(&*log, 200).await;
    for _ in 0..2 {
        type Wanted = fn(&AuditRecord) -> bool;
        let cases: [(AuditAttribute, Wanted); 9] = [
            (AuditAttribute::AccessKeyId("AKIA3".into()), |r| r.access_key_id.as_deref() == Some("AKIA3")),
            (AuditAttribute::EventId(event_id(77)), |r| r.event_id == event_id(77)),
            (AuditAttribute::EventName("Event2".into()), |r| r.event_name == "Event2"),
            (AuditAttribute::EventSource("kms.amazonaws.com".into()), |r| r.event_source.starts_with("kms")),
            (AuditAttribute::ReadOnly(true), |r| r.read_only),
            (AuditAttribute::ReadOnly(false), |r| !r.read_only),
            (AuditAttribute::ResourceName("arn:aws:test:::thing/4".into()), |r| {
                r.resources.iter().any(|(_, name)| name.ends_with("/4"))
            }),
            (AuditAttribute::ResourceType("AWS::Test::Kind1".into()), |r| r.resources.len() > 1),
            (AuditAttribute::Username("user5".into()), |r| r.username.as_deref() == Some("user5")),
        ];
        for (attribute, wanted) in cases {
            let query = AuditQuery { attribute: Some(attribute.clone()), ..everything(17) };
            let found = all_pages(&*log, query).await;
            assert!(!found.is_empty(), "{attribute:?}");
            assert_eq!(found, expected(&all, wanted), "{attribute:?}");
        }
        let none = AuditQuery { attribute: Some(AuditAttribute::EventName("No".into())), ..everything(10) };
        assert!(all_pages(&*log, none).await.is_empty());
        drop(log);
        log = fixture.open().await;
    }
}

/// A walk through the pages sees each record once, though new ones arrive and many have the same time.
pub async fn pages_are_newest_first_and_stable_while_records_arrive(fixture: &impl Fixture) {
    let log = fixture.open().await;
    let mut all = Vec::new();
    for n in 0..60 {
        let same_time =
            AuditRecord { time: Timestamp::from_millis(i64::try_from(n / 20).unwrap()), ..record(n) };
        append(&*log, same_time.clone()).await;
        all.push(same_time);
    }
    let mut query = everything(7);
    let mut found = Vec::new();
    let mut late = 1000;
    loop {
        let page = log.lookup(&query).await.unwrap();
        found.extend(page.records);
        append(&*log, record(late)).await;
        late += 1;
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    assert_eq!(found, expected(&all, |_| true));
    let newest = log.lookup(&everything(1)).await.unwrap();
    assert_eq!(newest.records, [record(late - 1)]);
}

/// A lookup sees its own account and region only.
pub async fn accounts_and_regions_are_apart(fixture: &impl Fixture) {
    let log = fixture.open().await;
    let own = record(1);
    let other_account = AuditRecord { account: "999999999999".parse().unwrap(), ..record(2) };
    let other_region = AuditRecord { region: "us-east-1".parse().unwrap(), ..record(3) };
    for one in [&own, &other_account, &other_region] {
        append(&*log, one.clone()).await;
    }
    assert_eq!(all_pages(&*log, everything(10)).await, std::slice::from_ref(&own));
    let by_id = AuditQuery { attribute: Some(AuditAttribute::EventId(event_id(2))), ..everything(10) };
    assert!(all_pages(&*log, by_id).await.is_empty());
    let elsewhere = AuditQuery { account: other_account.account, ..everything(10) };
    assert_eq!(all_pages(&*log, elsewhere).await, [other_account]);
}

/// Both ends of a time range belong to it.
pub async fn a_time_range_bounds_what_is_found(fixture: &impl Fixture) {
    let log = fixture.open().await;
    let all = fill(&*log, 50).await;
    for (from, to) in [(0, 49), (10, 20), (49, 100), (20, 20), (30, 10), (50, 60)] {
        let query = AuditQuery {
            from: Timestamp::from_millis(from),
            to: Timestamp::from_millis(to),
            ..everything(8)
        };
        let wanted = expected(&all, |r| (from..=to).contains(&r.time.as_millis()));
        assert_eq!(all_pages(&*log, query).await, wanted, "{from} to {to}");
    }
}

/// The records of a write set are in the log when the commit returns, and once after every reopen.
pub async fn a_change_brings_its_records_exactly_once(fixture: &impl Fixture) {
    let mut store = fixture.open().await;
    let mut all = Vec::new();
    for n in 0..20 {
        let mut writes = WriteSet::new();
        writes.put(Key::of(&["c", &n.to_string()]), "x");
        writes.audit.push(record(2 * n));
        writes.audit.push(record(2 * n + 1));
        store.commit(writes).await.unwrap();
        all.extend([record(2 * n), record(2 * n + 1)]);
        let newest = store.lookup(&everything(1)).await.unwrap();
        assert_eq!(newest.records, [record(2 * n + 1)]);
        if n % 7 == 0 {
            drop(store);
            store = fixture.open().await;
        }
    }
    store.flush().await.unwrap();
    assert_eq!(all_pages(&*store, everything(9)).await, expected(&all, |_| true));
}

/// A conflict's record is not in the log, now or after a reopen.
pub async fn a_refused_change_leaves_no_record(fixture: &impl Fixture) {
    let store = fixture.open().await;
    let mut writes = WriteSet::new();
    writes.create(Key::of(&["c"]), "x");
    writes.audit.push(record(1));
    store.commit(writes.clone()).await.unwrap();
    writes.audit = vec![record(2)];
    assert!(store.commit(writes).await.is_err());
    assert_eq!(all_pages(&*store, everything(9)).await, [record(1)]);
    drop(store);
    let store = fixture.open().await;
    assert_eq!(all_pages(&*store, everything(9)).await, [record(1)]);
}

/// Records whose append resolved, and those of a clean end, are there when the place is opened again.
pub async fn appended_records_survive_a_reopen(fixture: &impl Fixture) {
    let log = fixture.open().await;
    let mut all = fill(&*log, 30).await;
    drop(log);
    let log = fixture.open().await;
    for n in 30..40 {
        append(&*log, record(n)).await;
        all.push(record(n));
    }
    drop(log);
    let log = fixture.open().await;
    assert_eq!(all_pages(&*log, everything(100)).await, expected(&all, |_| true));
    assert_eq!(AuditLog::health(&*log), Health::Ok);
}

/// Appends from many tasks: each resolves, each record is found once.
pub async fn many_appends_at_once_are_all_found(fixture: &impl Fixture) {
    let log = fixture.open().await;
    let tasks: Vec<_> = (0..20u64)
        .map(|task| {
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                for n in 0..20 {
                    append(&*log, record(task * 20 + n)).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let all: Vec<_> = (0..400).map(record).collect();
    assert_eq!(all_pages(&*log, everything(50)).await, expected(&all, |_| true));
}

/// Reserving and not appending costs nothing lasting.
pub async fn a_dropped_reservation_leaves_nothing(fixture: &impl Fixture) {
    let log = fixture.open().await;
    for _ in 0..10_000 {
        drop(log.reserve(10_000).unwrap());
    }
    append(&*log, record(1)).await;
    assert_eq!(all_pages(&*log, everything(10)).await, [record(1)]);
}

/// A made-up page position is an error, not a panic and not the first page.
pub async fn a_cursor_of_another_kind_is_refused(fixture: &impl Fixture) {
    let log = fixture.open().await;
    append(&*log, record(1)).await;
    let query = AuditQuery { after: Some(Bytes::from_static(b"nonsense")), ..everything(10) };
    assert!(log.lookup(&query).await.is_err());
}
