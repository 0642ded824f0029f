//! The common suite, in small segments so that several are filled.

use std::path::Path;
use std::sync::Arc;

use garrison_store_sqlite::{Embedded, Options};
use garrison_store_suite::Fixture;
use tempfile::TempDir;

struct Folder(TempDir);

fn options() -> Options {
    Options { segment_bytes: 64 << 10, ..Options::default() }
}

impl Fixture for Folder {
    type Backend = Embedded;

    async fn open(&self) -> Arc<Embedded> {
        Arc::new(Embedded::open(&self.0.path().join("data"), &options()).unwrap())
    }

    async fn restore(&self, backup: &Path) -> Arc<Embedded> {
        Arc::new(Embedded::open(backup, &options()).unwrap())
    }
}

garrison_store_suite::store_suite!(Folder(tempfile::tempdir().unwrap()));
