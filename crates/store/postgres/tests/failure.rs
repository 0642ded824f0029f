//! A server that goes away and comes back, and tables of another release.

use std::sync::Arc;

use garrison_store::{AuditLog, CommitError, Health, Key, Store, StoreError, WriteSet};
use garrison_store_postgres::Postgres;
use garrison_store_suite::postgres::Cluster;
use garrison_store_suite::samples::{all_pages, append, everything, record};

use crate::suite::options;

fn put(n: u64) -> WriteSet {
    let mut writes = WriteSet::new();
    writes.put(Key::of(&["k"]), n.to_string());
    writes.audit.push(record(n));
    writes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_fail_while_the_server_is_away_and_succeed_when_it_is_back() {
    let Some(mut cluster) = Cluster::start(false) else { return };
    let store = Arc::new(Postgres::connect(&options(cluster.connection())).await.unwrap());
    store.commit(put(1)).await.unwrap();
    append(&*store, record(2)).await;
    let room = store.reserve(100).unwrap();
    cluster.kill();
    let refused = store.commit(put(3)).await;
    assert!(matches!(refused, Err(CommitError::Store(StoreError::Unavailable(_)))), "{refused:?}");
    assert!(matches!(store.get(&Key::of(&["k"])).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(Store::health(&*store), Health::Degraded(_)));
    assert!(room.append(record(4)).await.is_err());
    assert!(store.reserve(100).is_err(), "a failing log takes no claims");
    cluster.boot();
    while Store::health(&*store) != Health::Ok || AuditLog::health(&*store) != Health::Ok {
        tokio::task::yield_now().await;
    }
    store.commit(put(5)).await.unwrap();
    assert_eq!(store.get(&Key::of(&["k"])).await.unwrap().unwrap().value.as_ref(), b"5");
    let found = all_pages(&*store, everything(10)).await;
    // What was appended while the server was away is in the log; the refused commit's record is not.
    assert_eq!(found, [record(5), record(4), record(2), record(1)]);
}

#[tokio::test]
async fn tables_of_a_newer_release_are_refused() {
    let Some(cluster) = Cluster::start(false) else { return };
    drop(Postgres::connect(&options(cluster.connection())).await.unwrap());
    cluster.sql("UPDATE garrison_meta SET value = 2 WHERE name = 'version'");
    let refused = Postgres::connect(&options(cluster.connection())).await;
    let Err(StoreError::Unavailable(text)) = refused else { panic!("opened a newer release's tables") };
    assert!(text.contains("version 2"), "{text}");
}

#[tokio::test]
async fn a_connection_string_with_a_password_is_not_repeated() {
    let refused = Postgres::connect(&options("host=/nowhere password=hunter2 nonsense".to_owned())).await;
    let Err(StoreError::Unavailable(text)) = refused else { panic!("connected to nowhere") };
    assert!(!text.contains("hunter2"), "{text}");
}
