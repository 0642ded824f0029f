//! Deletes blobs that have been nobody's for a day.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use garrison_blobs::BlobName;
use garrison_kernel::{Worker, errors};
use garrison_schema::ApiError;
use garrison_store::{CommitError, Entry, WriteSet};
use garrison_types::Timestamp;

use crate::error;
use crate::repo::layout;
use crate::service::S3;

/// How long a blob may be nobody's: longer than an upload of one blob, or a download, takes.
const DOUBT: Duration = Duration::from_secs(24 * 60 * 60);
/// How many blobs are looked up at once.
const BATCH: usize = 100;

/// The worker.
pub(crate) struct Sweep {
    s3: Arc<S3>,
}

impl Sweep {
    /// Sweeps the blobs of this service.
    pub(crate) fn new(s3: Arc<S3>) -> Self {
        Self { s3 }
    }

    /// Takes the blob from whoever might still claim it, so that nobody's commit can name a blob that is gone.
    async fn doom(&self, entry: Entry, blob: &BlobName) -> Result<(), ApiError> {
        let mut writes = WriteSet::new();
        writes.delete(entry.key, entry.revision).put(layout::doomed(blob), Vec::new());
        match self.s3.kernel().store().commit(writes).await {
            // It was claimed at this very moment.
            Ok(_) | Err(CommitError::Conflict) => Ok(()),
            Err(error) => Err(errors::commit(&error)),
        }
    }

    async fn delete_doomed(&self) -> Result<(), ApiError> {
        loop {
            let (page, _) = self.s3.repo().scan(&layout::all_doomed(), BATCH).await?;
            if page.is_empty() {
                return Ok(());
            }
            let mut writes = WriteSet::new();
            for entry in page {
                if let Ok(blob) = entry.key.last().parse() {
                    self.s3.blobs().delete(&blob).await.map_err(|error| error::blob(&error))?;
                }
                writes.deletes.push(entry.key);
            }
            self.s3.repo().commit(writes).await?;
        }
    }
}

#[async_trait]
impl Worker for Sweep {
    fn name(&self) -> &'static str {
        "s3-sweep"
    }

    async fn run_due(&self, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
        loop {
            let (page, _) = self.s3.repo().scan(&layout::all_doubtful(), BATCH).await?;
            let mut next = None;
            let count = page.len();
            for entry in page {
                let Some((since, blob)) = layout::parse_doubtful(&entry.key) else {
                    return Err(error::corrupt("a doubtful blob's record"));
                };
                if since + DOUBT > now {
                    next = Some(since + DOUBT);
                    break;
                }
                self.doom(entry, &blob).await?;
            }
            if next.is_some() || count < BATCH {
                self.delete_doomed().await?;
                return Ok(next);
            }
        }
    }
}
