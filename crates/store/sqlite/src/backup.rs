//! A consistent copy of a data folder, made while calls go on.
//!
//! Restoring is opening the copy, there or elsewhere.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use garrison_store::StoreError;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::audit::SegmentLog;
use crate::db::{self, Role, store_error};
use crate::folder;
use crate::sync::Syncer;

/// Copies the records as one transaction sees them; commits go on meanwhile. (An erasing commit waits for it.)
pub(crate) fn records(database: &Path, to: &Path, sync: Syncer) -> Result<(), StoreError> {
    let context = |error: io::Error| folder::unavailable(&error, "cannot write the backup");
    folder::create(to).map_err(context)?;
    if fs::read_dir(to).map_err(context)?.next().is_some() {
        let message =
            format!("the folder {} is not empty: a backup goes to a folder of its own", to.display());
        return Err(StoreError::Unavailable(message));
    }
    folder::create(&to.join("audit")).map_err(context)?;
    let source = db::open(database, Role::Reader, sync)?;
    let path = to.join("records.db");
    drop(folder::private().open(&path).map_err(context)?);
    let mut copy = Connection::open(&path).map_err(store_error)?;
    {
        let backup = Backup::new(&source, &mut copy).map_err(store_error)?;
        // All pages in one step: one read transaction, which no commit disturbs.
        match backup.step(-1).map_err(store_error)? {
            StepResult::Done => {}
            _ => return Err(StoreError::Unavailable("the records are locked".to_owned())),
        }
    }
    copy.close().map_err(|(_, error)| store_error(error))?;
    File::open(&path).and_then(|file| file.sync_all()).map_err(context)
}

/// Copies the segments as far as they are durable, then marks the folder as complete.
pub(crate) fn audit(log: &SegmentLog, to: &Path, sync: Syncer) -> Result<(), StoreError> {
    let context = |error: io::Error| folder::unavailable(&error, "cannot write the backup");
    let target = to.join("audit");
    for (file, name, len) in log.files().map_err(context)? {
        let mut copy = folder::private().open(target.join(name)).map_err(context)?;
        let copied = io::copy(&mut file.take(len), &mut copy).map_err(context)?;
        if copied != len {
            return Err(StoreError::Corrupt("an audit segment is shorter than what was written".to_owned()));
        }
        copy.sync_all().map_err(context)?;
    }
    File::open(&target).and_then(|folder| folder.sync_all()).map_err(context)?;
    folder::write_format(to, sync).map_err(context)
}
