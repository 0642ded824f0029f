//! Data that earlier releases wrote opens. A folder of `tests/fixtures` is never changed again; a release that
//! changes the format adds one:
//! `cargo test -p garrison-store-sqlite --test sqlite -- --ignored make_the_fixture_of_this_release`.

use std::path::{Path, PathBuf};

use garrison_store::{AuditAttribute, AuditQuery, Key, KeyRange, OutboxEvent, Revision, Store, WriteSet};
use garrison_store_sqlite::{Embedded, Options};
use garrison_store_suite::samples::{all_pages, append, everything, record};

fn options() -> Options {
    Options { segment_bytes: 64 << 10, ..Options::default() }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// Twenty changes with records 0 to 19, record 20 to 319 appended, every third key deleted.
async fn write(store: &Embedded) {
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_1_opens() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("data");
    copy(&fixture("v1"), &folder);
    let store = Embedded::open(&folder, &options()).unwrap();
    assert_eq!(store.revision().await.unwrap(), Revision(21));
    let (found, _) = store.scan(&KeyRange::under(&["fixture"]), 100).await.unwrap();
    let found: Vec<_> =
        found.iter().map(|e| (e.key.last().to_owned(), e.value.to_vec(), e.revision)).collect();
    let wanted: Vec<_> = (0..20u64)
        .filter(|n| !n.is_multiple_of(3))
        .map(|n| (format!("{n:02}"), format!("value {n}").into_bytes(), Revision(n + 1)))
        .collect();
    assert_eq!(found, wanted);
    let events: Vec<_> =
        store.outbox(0, 100).await.unwrap().into_iter().map(|(at, event)| (at, event.payload)).collect();
    assert_eq!(events, (5..20u64).map(|n| (n + 1, n.to_string().into_bytes().into())).collect::<Vec<_>>());
    let all: Vec<_> = (0..320).rev().map(record).collect();
    assert_eq!(all_pages(&store, everything(100)).await, all);
    let by_name = AuditQuery { attribute: Some(AuditAttribute::Username("user3".into())), ..everything(100) };
    let wanted: Vec<_> = all.into_iter().filter(|r| r.username.as_deref() == Some("user3")).collect();
    assert_eq!(all_pages(&store, by_name).await, wanted);
    write(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes into the source tree: once per format"]
async fn make_the_fixture_of_this_release() {
    let home = tempfile::tempdir().unwrap();
    let store = Embedded::open(home.path(), &options()).unwrap();
    write(&store).await;
    // A backup is a folder without the room that is set aside.
    store.backup(&fixture("v1")).await.unwrap();
}
