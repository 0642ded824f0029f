//! One process per database: a second one is refused, and one that lost the database serves nothing until it has it again.

use std::sync::Arc;

use garrison_store::{AuditLog, CommitError, Health, Key, Observer, Revision, Store, StoreError, WriteSet};
use garrison_store_postgres::Postgres;
use garrison_store_suite::postgres::Cluster;
use parking_lot::Mutex;

use crate::suite::options;

/// Ends every session of the database that holds a lock as Garrison's writers do.
const END_WRITERS: &str =
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted";

fn put(key: &str, value: &'static str) -> WriteSet {
    let mut writes = WriteSet::new();
    writes.put(Key::of(&[key]), value);
    writes
}

#[derive(Default)]
struct Heard(Mutex<Vec<Key>>);

impl Observer for Heard {
    fn committed(&self, _: Revision, keys: &[Key]) {
        self.0.lock().extend_from_slice(keys);
    }
}

async fn until(what: impl Fn() -> bool) {
    while !what() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_is_one_process_s() {
    let Some(cluster) = Cluster::start(false) else { return };
    let first = Postgres::connect(&options(cluster.connection())).await.unwrap();
    first.commit(put("k", "first")).await.unwrap();
    let refused = Postgres::connect(&options(cluster.connection())).await;
    let Err(StoreError::Unavailable(text)) = refused else { panic!("opened a database twice") };
    assert!(text.contains("another Garrison has this database open"), "{text}");
    let folder = tempfile::tempdir().unwrap();
    let refused = Postgres::restore(&options(cluster.connection()), folder.path()).await;
    assert!(refused.err().unwrap().to_string().contains("another Garrison"));
    Postgres::copy(&options(cluster.connection()), &folder.path().join("copy")).await.unwrap();

    // Another database of the server is another matter.
    let other = Postgres::connect(&options(cluster.database("other"))).await.unwrap();
    other.commit(put("k", "other")).await.unwrap();
    drop(first);
    let second = Postgres::connect(&options(cluster.connection())).await.unwrap();
    assert_eq!(second.get(&Key::of(&["k"])).await.unwrap().unwrap().value.as_ref(), b"first");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_loses_the_database_refuses_and_hears_of_everything_when_it_is_back() {
    let Some(cluster) = Cluster::start(false) else { return };
    let first = Arc::new(Postgres::connect(&options(cluster.connection())).await.unwrap());
    let heard = Arc::new(Heard::default());
    first.observe(Arc::clone(&heard) as _);
    first.commit(put("a", "1")).await.unwrap();

    // The second one waits for the lock, and gets it when the first one's session ends.
    let waiting = {
        let options = options(cluster.connection());
        tokio::spawn(async move { Postgres::connect(&options).await })
    };
    let waits =
        "DO $$ BEGIN WHILE NOT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)
        LOOP PERFORM pg_sleep(0.01); END LOOP; END $$";
    cluster.sql(waits);
    cluster.sql(END_WRITERS);
    let second = waiting.await.unwrap().unwrap();
    second.commit(put("b", "2")).await.unwrap();

    // Nothing was asked of the first one meanwhile: it finds out by itself.
    until(
        || matches!(Store::health(&*first), Health::Degraded(reason) if reason.contains("another Garrison")),
    )
    .await;
    let refused = first.reserve(100).err().unwrap().to_string();
    assert!(refused.contains("another Garrison"), "{refused}");
    let refused = first.commit(put("a", "3")).await;
    assert!(matches!(refused, Err(CommitError::Store(StoreError::Unavailable(_)))), "{refused:?}");

    drop(second);
    until(|| Store::health(&*first) == Health::Ok).await;
    assert_eq!(*heard.0.lock(), [Key::of(&["a"]), Key::of(&["b"])], "what the other one changed");
    assert!(first.reserve(100).is_ok());
    assert_eq!(first.commit(put("a", "4")).await.unwrap(), Revision(3));
    assert_eq!(first.get(&Key::of(&["b"])).await.unwrap().unwrap().value.as_ref(), b"2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_is_made_anew_without_a_call() {
    let Some(cluster) = Cluster::start(false) else { return };
    let store = Postgres::connect(&options(cluster.connection())).await.unwrap();
    let heard = Arc::new(Heard::default());
    store.observe(Arc::clone(&heard) as _);
    // A commit that this process does not know of, as one is whose answer was lost.
    cluster.sql(
        "INSERT INTO garrison_changes VALUES (1, '\\x610000'); UPDATE garrison_meta SET value = 1 WHERE name = 'revision'",
    );
    cluster.sql(END_WRITERS);
    until(|| !heard.0.lock().is_empty()).await;
    until(|| store.reserve(100).is_ok()).await;
    assert_eq!(store.commit(put("k", "v")).await.unwrap(), Revision(2));
    // More than the window of changes tells of.
    cluster.sql("UPDATE garrison_meta SET value = 9 WHERE name IN ('revision', 'changes_floor')");
    cluster.sql(END_WRITERS);
    until(|| matches!(Store::health(&store), Health::Degraded(reason) if reason.contains("restart"))).await;
    assert!(store.reserve(100).is_err());
}
