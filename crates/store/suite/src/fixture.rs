//! What a data fixture holds: written once per format, read by every later release.

use garrison_store::{
    AuditAttribute, AuditLog, AuditQuery, Key, KeyRange, OutboxEvent, Revision, Store, WriteSet,
};

use crate::samples::{all_pages, append, everything, record};

/// Twenty changes with records 0 to 19, records 20 to 319 appended, every third key deleted, events 1 to 5 trimmed.
pub async fn write(store: &(impl Store + AuditLog)) {
    for n in 0..20u64 {
        let mut writes = WriteSet::new();
        writes.put(Key::of(&["fixture", &format!("{n:02}")]), format!("value {n}"));
        writes
            .outbox
            .push(OutboxEvent { topic: "fixture".to_owned(), payload: n.to_string().into_bytes().into() });
        writes.audit.push(record(n));
        store.commit(writes).await.unwrap();
    }
    for n in 20..320 {
        append(store, record(n)).await;
    }
    let mut writes = WriteSet { erase: true, ..WriteSet::new() };
    writes.deletes.extend((0..20).step_by(3).map(|n| Key::of(&["fixture", &format!("{n:02}")])));
    store.commit(writes).await.unwrap();
    store.trim_outbox(5).await.unwrap();
}

/// Finds what [`write`] wrote in a fresh store, and goes on writing.
pub async fn check(store: &(impl Store + AuditLog)) {
    assert_eq!(store.revision().await.unwrap(), Revision(21));
    let (found, _) = store.scan(&KeyRange::under(&["fixture"]), 100).await.unwrap();
    let found: Vec<_> =
        found.iter().map(|e| (e.key.last().to_owned(), e.value.to_vec(), e.revision)).collect();
    let wanted: Vec<_> = (0..20u64)
        .filter(|n| !n.is_multiple_of(3))
        .map(|n| (format!("{n:02}"), format!("value {n}").into_bytes(), Revision(n + 1)))
        .collect();
    assert_eq!(found, wanted);
    let events = store.outbox(0, 100).await.unwrap();
    let events: Vec<_> = events.into_iter().map(|(at, event)| (at, event.payload)).collect();
    assert_eq!(events, (5..20u64).map(|n| (n + 1, n.to_string().into_bytes().into())).collect::<Vec<_>>());
    let all: Vec<_> = (0..320).rev().map(record).collect();
    assert_eq!(all_pages(store, everything(100)).await, all);
    let by_name = AuditQuery { attribute: Some(AuditAttribute::Username("user3".into())), ..everything(100) };
    let wanted: Vec<_> = all.into_iter().filter(|r| r.username.as_deref() == Some("user3")).collect();
    assert_eq!(all_pages(store, by_name).await, wanted);
    let mut writes = WriteSet::new();
    writes
        .put(Key::of(&["fixture", "new"]), "value")
        .require_range(KeyRange::under(&["fixture"]), Revision(21));
    writes.audit.push(record(1000));
    assert!(store.commit(writes).await.unwrap() > Revision(21));
    append(store, record(1001)).await;
    assert_eq!(all_pages(store, everything(2)).await.len(), 322);
}
