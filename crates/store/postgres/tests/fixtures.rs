//! Backups that earlier releases wrote can be restored. A folder of `tests/fixtures` is never changed again; a
//! release that changes the tables adds one:
//! `cargo test -p garrison-store-postgres --test postgres -- --ignored make_the_fixture_of_this_release`.

use std::path::{Path, PathBuf};

use garrison_store::Store;
use garrison_store_postgres::Postgres;
use garrison_store_suite::fixture::{check, write};
use garrison_store_suite::postgres::Cluster;

use crate::suite::options;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

#[tokio::test]
async fn version_1_is_restored() {
    let Some(cluster) = Cluster::start(false) else { return };
    let store = Postgres::restore(&options(cluster.connection()), &fixture("v1")).await.unwrap();
    check(&store).await;
}

#[tokio::test]
#[ignore = "writes into the source tree: once per format"]
async fn make_the_fixture_of_this_release() {
    let cluster = Cluster::start(false).expect("a PostgreSQL server");
    let store = Postgres::connect(&options(cluster.connection())).await.unwrap();
    write(&store).await;
    store.backup(&fixture("v1")).await.unwrap();
}
