//! Opens the store that the configuration names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use garrison_kernel::Worker;
use garrison_store::{AuditLog, Store};
use garrison_store_postgres::Postgres;
use garrison_store_sqlite::{Embedded, Options};
use tempfile::TempDir;

use crate::config::{Config, Storage};
use crate::error::Error;
use crate::prune::AuditPruner;

/// How many connections read at once.
const POSTGRES_READERS: usize = 8;

/// An open store.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) audit: Arc<dyn AuditLog>,
    /// The folder, when it is one.
    pub(crate) folder: Option<PathBuf>,
    /// What the store itself wants done from time to time.
    pub(crate) workers: Vec<Arc<dyn Worker>>,
    /// Removed when it is dropped.
    pub(crate) temporary: Option<TempDir>,
}

/// Opens or makes the store.
pub(crate) async fn open(config: &Config) -> Result<Opened, Error> {
    match &config.storage {
        Storage::Temporary => {
            let home = tempfile::Builder::new().prefix("garrison-").tempdir();
            let home = home.map_err(|source| Error::System { action: "make a temporary folder", source })?;
            let mut opened = folder(config, &home.path().join("data"))?;
            opened.temporary = Some(home);
            Ok(opened)
        }
        Storage::Folder(path) => folder(config, path),
        Storage::Postgres(connection) => {
            let postgres = Arc::new(Postgres::connect(&postgres_options(connection)).await?);
            Ok(Opened {
                store: Arc::clone(&postgres) as _,
                audit: Arc::clone(&postgres) as _,
                folder: None,
                workers: vec![Arc::new(AuditPruner::Postgres(postgres))],
                temporary: None,
            })
        }
    }
}

pub(crate) fn postgres_options(connection: &str) -> garrison_store_postgres::Options {
    garrison_store_postgres::Options { connection: connection.to_owned(), readers: POSTGRES_READERS }
}

fn folder(config: &Config, path: &Path) -> Result<Opened, Error> {
    let options = if config.development { Options::development() } else { Options::default() };
    let embedded = Arc::new(Embedded::open(path, &options)?);
    Ok(Opened {
        store: Arc::clone(&embedded) as _,
        audit: Arc::clone(&embedded) as _,
        folder: Some(path.to_owned()),
        workers: vec![Arc::new(AuditPruner::Folder(embedded))],
        temporary: None,
    })
}
