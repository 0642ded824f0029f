//! Blobs as files of a folder.
//!
//! ```text
//! blobs/ab/abcd…    a blob; the first two digits of its name are its folder, made by its first blob, so that none grows large
//! blobs/new/abcd…   one that is being written: renamed once it is whole and synced, removed at the next start otherwise
//! ```

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use garrison_store::Health;
use rustix::io::Errno;

use crate::{BlobError, BlobName, BlobWriter, Blobs};

const UNFINISHED: &str = "new";
/// Nobody else reads what lies here, though it is ciphertext.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// A folder of blobs on this machine.
#[derive(Debug, Clone)]
pub struct LocalBlobs {
    folder: Arc<PathBuf>,
}

impl LocalBlobs {
    /// Opens a folder, which need not be there, and removes what was not finished before. Blocks.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let blobs = Self { folder: Arc::new(folder.to_owned()) };
        blobs.lay()?;
        for entry in fs::read_dir(blobs.folder.join(UNFINISHED))? {
            fs::remove_file(entry?.path())?;
        }
        Ok(blobs)
    }

    fn lay(&self) -> io::Result<()> {
        make_folder(&self.folder.join(UNFINISHED))
    }

    fn path(&self, name: &BlobName) -> PathBuf {
        let [first, ..] = name.as_bytes();
        self.folder.join(format!("{first:02x}")).join(name.to_string())
    }
}

#[async_trait]
impl Blobs for LocalBlobs {
    async fn create(&self, name: &BlobName) -> Result<Box<dyn BlobWriter>, BlobError> {
        let (draft, path) = (self.folder.join(UNFINISHED).join(name.to_string()), self.path(name));
        blocking(move || {
            let file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&draft);
            let file = file.map_err(|error| failed(&error))?;
            Ok(Box::new(Draft { file: Some(file), draft, path, length: 0 }) as Box<dyn BlobWriter>)
        })
        .await
    }

    async fn read(&self, name: &BlobName, range: Range<u64>) -> Result<Bytes, BlobError> {
        let (path, name) = (self.path(name), *name);
        blocking(move || {
            let length = usize::try_from(range.end.saturating_sub(range.start));
            let length = length.map_err(|_| BlobError::Unavailable("a range beyond memory".to_owned()))?;
            let read = || {
                let mut bytes = vec![0; length];
                File::open(&path)?.read_exact_at(&mut bytes, range.start)?;
                Ok(Bytes::from(bytes))
            };
            read().map_err(|error: io::Error| match error.kind() {
                ErrorKind::NotFound | ErrorKind::UnexpectedEof => BlobError::Missing(name),
                _ => failed(&error),
            })
        })
        .await
    }

    async fn delete(&self, name: &BlobName) -> Result<(), BlobError> {
        let path = self.path(name);
        blocking(move || {
            let removed = match fs::remove_file(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
                removed => removed,
            };
            removed.and_then(|()| sync_parent(&path)).map_err(|error| failed(&error))
        })
        .await
    }

    async fn reset(&self) -> Result<(), BlobError> {
        let blobs = self.clone();
        blocking(move || {
            let empty = || {
                for entry in fs::read_dir(&*blobs.folder)? {
                    fs::remove_dir_all(entry?.path())?;
                }
                blobs.lay()
            };
            empty().map_err(|error| failed(&error))
        })
        .await
    }

    fn health(&self) -> Health {
        match fs::metadata(self.folder.join(UNFINISHED)) {
            Ok(_) => Health::Ok,
            Err(error) => Health::Degraded(format!("the folder of blobs: {error}")),
        }
    }
}

/// A blob that is being written.
struct Draft {
    /// Absent while a thread writes to it, and after that failed.
    file: Option<File>,
    draft: PathBuf,
    path: PathBuf,
    length: u64,
}

impl Draft {
    fn file(&mut self) -> Result<File, BlobError> {
        self.file.take().ok_or_else(|| BlobError::Unavailable("the blob's file failed before".to_owned()))
    }
}

#[async_trait]
impl BlobWriter for Draft {
    async fn write(&mut self, bytes: Bytes) -> Result<(), BlobError> {
        let mut file = self.file()?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let written = blocking(move || {
            file.write_all(&bytes).map_err(|error| failed(&error))?;
            Ok(file)
        });
        self.file = Some(written.await?);
        self.length = self.length.saturating_add(length);
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<u64, BlobError> {
        let file = self.file()?;
        let (draft, path) = (self.draft.clone(), self.path.clone());
        blocking(move || {
            let publish = || {
                file.sync_data()?;
                match fs::rename(&draft, &path) {
                    Err(error) if error.kind() == ErrorKind::NotFound => {
                        path.parent().map_or(Ok(()), make_folder)?;
                        fs::rename(&draft, &path)?;
                    }
                    renamed => renamed?,
                }
                sync_parent(&path)
            };
            publish().map_err(|error| failed(&error))
        })
        .await?;
        Ok(self.length)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Gone already when it was finished; and what stays here after all is removed at the next start.
        let _ = fs::remove_file(&self.draft);
    }
}

/// Makes a folder, with those that it is in, and its name durable.
fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder)?;
    sync_parent(folder)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), sync_folder)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Off the caller's thread, which others wait for.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(BlobError::Unavailable(format!("a thread ended: {error}"))))
}

fn failed(error: &io::Error) -> BlobError {
    let full = [Errno::NOSPC, Errno::DQUOT].map(|errno| errno.raw_os_error());
    match error.raw_os_error() {
        Some(code) if full.contains(&code) => BlobError::Full(error.to_string()),
        _ => BlobError::Unavailable(error.to_string()),
    }
}
