//! The common suite, in one test: a database of its own for each promise, in one cluster.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use garrison_store_postgres::{Options, Postgres};
use garrison_store_suite::Fixture;
use garrison_store_suite::postgres::Cluster;

struct Database<'a> {
    cluster: &'a Cluster,
    connection: String,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

pub(crate) fn options(connection: String) -> Options {
    Options { connection, readers: 2 }
}

fn fresh(cluster: &Cluster) -> String {
    cluster.database(&format!("db{}", COUNT.fetch_add(1, Ordering::Relaxed)))
}

impl Fixture for Database<'_> {
    type Backend = Postgres;

    async fn open(&self) -> Arc<Postgres> {
        Arc::new(Postgres::connect(&options(self.connection.clone())).await.unwrap())
    }

    async fn restore(&self, backup: &Path) -> Arc<Postgres> {
        Arc::new(Postgres::restore(&options(fresh(self.cluster)), backup).await.unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_backend_keeps_every_promise() {
    let Some(cluster) = Cluster::start(false) else { return };
    garrison_store_suite::run_store_suite!(Database { cluster: &cluster, connection: fresh(&cluster) });
}
