//! The data folder: its lock, its format, its ballast, and errors of the file system in words.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use garrison_store::StoreError;
use rustix::fs::{FallocateFlags, FlockOperation};
use rustix::io::Errno;

use crate::sync::Syncer;

const FORMAT: &str = "garrison data folder, format ";
/// The newest format that this code reads and the one that it writes.
const NEWEST: u32 = 1;
/// Enough for SQLite's log and its shared-memory file to come up in a folder that is full.
const BALLAST: u64 = 1 << 20;

/// A data folder that this process alone has open.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    /// Unlocked when it is closed.
    _lock: File,
}

impl Folder {
    /// Opens a folder, or makes it when it is absent or empty.
    pub(crate) fn open(path: &Path, sync: Syncer) -> Result<Self, StoreError> {
        let context =
            |error: &io::Error, what: &str| unavailable(error, &format!("{what} {}", path.display()));
        create_durably(path).map_err(|e| context(&e, "cannot make the data folder"))?;
        let lock =
            private().open(path.join("lock")).map_err(|e| context(&e, "cannot lock the data folder"))?;
        match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => {
                let message = format!("another process has the data folder {} open", path.display());
                return Err(StoreError::Unavailable(message));
            }
            Err(error) => return Err(context(&error.into(), "cannot lock the data folder")),
        }
        check_format(path, sync)?;
        create(&path.join("audit")).map_err(|e| context(&e, "cannot make the audit folder in"))?;
        sync.sync_folder(path).map_err(|e| context(&e, "cannot sync the data folder"))?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("records.db")
    }

    pub(crate) fn audit(&self) -> PathBuf {
        self.path.join("audit")
    }

    /// Whether the file system has less room than the ballast gives.
    pub(crate) fn is_full(&self) -> bool {
        let room = |stat: rustix::fs::StatVfs| stat.f_bavail.saturating_mul(stat.f_frsize);
        rustix::fs::statvfs(&self.path).is_ok_and(|stat| room(stat) < BALLAST)
    }

    /// Gives the ballast's room up; false when there is none.
    pub(crate) fn drop_ballast(&self) -> bool {
        fs::remove_file(self.path.join("ballast")).is_ok()
    }

    /// Sets the ballast's room aside, if there is room.
    pub(crate) fn keep_ballast(&self) {
        let path = self.path.join("ballast");
        let kept = private().open(&path).and_then(|file| {
            rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, BALLAST).map_err(io::Error::from)
        });
        if let Err(error) = kept {
            tracing::warn!(%error, "no ballast: if the folder fills up it may not open again until room is made");
            // A ballast without its room is of no use.
            let _ = fs::remove_file(&path);
        }
    }
}

/// Makes a folder that only its owner enters, if it is absent.
pub(crate) fn create(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// The same, and makes the names of the folders that were absent durable: a loss of power must not take a new
/// data folder away, which the next start would silently make anew.
fn create_durably(path: &Path) -> io::Result<()> {
    let absent: Vec<&Path> = path.ancestors().take_while(|folder| !folder.exists()).collect();
    create(path)?;
    for folder in absent {
        // The parent of a relative path's first part is the empty path: the current folder.
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

/// Opens files that only their owner reads.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options
}

/// Writes the format file of a new folder.
pub(crate) fn write_format(path: &Path, sync: Syncer) -> io::Result<()> {
    let new = path.join("format.new");
    let mut file = private().truncate(true).open(&new)?;
    writeln!(file, "{FORMAT}{NEWEST}")?;
    file.sync_all()?;
    fs::rename(new, path.join("format"))?;
    sync.sync_folder(path)
}

fn check_format(path: &Path, sync: Syncer) -> Result<(), StoreError> {
    match fs::read_to_string(path.join("format")) {
        Ok(text) => match text.trim_end().strip_prefix(FORMAT).and_then(|n| n.parse::<u32>().ok()) {
            Some(n) if (1..=NEWEST).contains(&n) => Ok(()),
            Some(n) => Err(StoreError::Unavailable(format!(
                "the data folder {} has format {n}, made by a newer release: this one reads formats up to {NEWEST}",
                path.display()
            ))),
            None => Err(StoreError::Corrupt(format!("{} is damaged", path.join("format").display()))),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if path.join("records.db").exists() {
                let message = format!("the data folder {} has records but no format file", path.display());
                return Err(StoreError::Corrupt(message));
            }
            write_format(path, sync).map_err(|e| unavailable(&e, "cannot start a data folder"))
        }
        Err(error) => Err(unavailable(&error, "cannot read the data folder's format")),
    }
}

/// Removes a file; one that is absent is no error.
pub(crate) fn remove_if_present(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What failed, with a full disk named as such.
pub(crate) fn describe(error: &io::Error, what: &str) -> String {
    if is_full(error) { format!("no space left on device: {what}") } else { format!("{what}: {error}") }
}

/// The store's error for one of the file system.
pub(crate) fn unavailable(error: &io::Error, what: &str) -> StoreError {
    let text = describe(error, what);
    if is_full(error) { StoreError::Full(text) } else { StoreError::Unavailable(text) }
}

/// Whether the file system has no room left.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
