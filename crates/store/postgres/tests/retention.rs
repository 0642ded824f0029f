//! Old audit records go.

use std::time::Duration;

use garrison_store_postgres::Postgres;
use garrison_store_suite::postgres::Cluster;
use garrison_store_suite::samples::{all_pages, append, everything, record};
use garrison_types::Timestamp;

use crate::suite::options;

const RETENTION: Duration = Duration::from_secs(90 * 86_400);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_older_than_ninety_days_are_removed() {
    let Some(cluster) = Cluster::start(false) else { return };
    let store = Postgres::connect(&options(cluster.connection())).await.unwrap();
    for n in 0..10 {
        append(&store, record(n)).await;
    }
    assert_eq!(store.prune(Timestamp::from_millis(0) + RETENTION).await.unwrap(), 0);
    assert_eq!(store.prune(Timestamp::from_millis(4) + RETENTION).await.unwrap(), 4);
    let left: Vec<_> = (4..10).rev().map(record).collect();
    assert_eq!(all_pages(&store, everything(10)).await, left);
    let orphans =
        "DO $$ BEGIN ASSERT NOT EXISTS (SELECT 1 FROM garrison_audit_resources WHERE time < 4); END $$";
    cluster.sql(orphans);
    // A record that was removed is forgotten: its id may come again.
    append(&store, record(0)).await;
    assert_eq!(all_pages(&store, everything(10)).await.len(), 7);
}
