//! The common suite.

use std::path::Path;
use std::sync::Arc;

use garrison_store_postgres::{Options, Postgres};
use garrison_store_suite::Fixture;
use garrison_store_suite::postgres::Cluster;

struct Server(Cluster);

pub(crate) fn options(connection: String) -> Options {
    Options { connection, readers: 2 }
}

impl Fixture for Server {
    type Backend = Postgres;

    async fn fresh() -> Option<Self> {
        Cluster::start(false).map(Self)
    }

    async fn open(&self) -> Arc<Postgres> {
        Arc::new(Postgres::connect(&options(self.0.connection())).await.unwrap())
    }

    async fn restore(&self, backup: &Path) -> Arc<Postgres> {
        let elsewhere = self.0.database("restored");
        Arc::new(Postgres::restore(&options(elsewhere), backup).await.unwrap())
    }
}

garrison_store_suite::store_suite!(Server);
