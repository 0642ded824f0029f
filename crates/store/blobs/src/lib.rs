//! Blobs: immutable byte strings of any length under random names, where objects lie.
//!
//! A blob is written once, from beginning to end, and is there as a whole or not at all. What its bytes mean, and that they are
//! ciphertext, is its owner's affair; which blobs there are, the records of the store say (`docs/rfd/0006-objects-at-rest.md`).

mod local;
mod name;

use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use garrison_store::Health;

pub use local::LocalBlobs;
pub use name::{BlobName, NotAName};

/// A blob could not be written, read or deleted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// No room is left. Nothing of the blob is kept.
    #[error("the blob store is full: {0}")]
    Full(String),
    /// There is no blob of this name, or it is shorter than what was asked for.
    #[error("blob {0} is missing, or shorter than its record says")]
    Missing(BlobName),
    /// The store cannot be reached or fails; a later call may succeed.
    #[error("the blob store is unavailable: {0}")]
    Unavailable(String),
}

/// Where blobs lie.
#[async_trait]
pub trait Blobs: Send + Sync + 'static {
    /// Begins a blob. Names are random and used once.
    ///
    /// # Errors
    /// The store is full or fails.
    async fn create(&self, name: &BlobName) -> Result<Box<dyn BlobWriter>, BlobError>;

    /// The bytes of a range, all of them; a range without bytes has none.
    ///
    /// # Errors
    /// [`BlobError::Missing`] also when the blob ends before the range does.
    async fn read(&self, name: &BlobName, range: Range<u64>) -> Result<Bytes, BlobError>;

    /// Deletes a blob; an absent one is no error. Durable when it returns.
    ///
    /// # Errors
    /// The store fails.
    async fn delete(&self, name: &BlobName) -> Result<(), BlobError>;

    /// Deletes every blob: development mode's reset.
    ///
    /// # Errors
    /// The store fails.
    async fn reset(&self) -> Result<(), BlobError>;

    /// Whether it can serve.
    fn health(&self) -> Health;
}

/// A blob that is being written. One that is dropped before it is finished leaves nothing that [`Blobs::read`] finds.
#[async_trait]
pub trait BlobWriter: Send {
    /// Appends bytes.
    ///
    /// # Errors
    /// The store is full or fails; the blob cannot be finished then.
    async fn write(&mut self, bytes: Bytes) -> Result<(), BlobError>;

    /// Makes the blob durable under its name. Gives its length in bytes.
    ///
    /// # Errors
    /// The store is full or fails; there is no blob of this name then.
    async fn finish(self: Box<Self>) -> Result<u64, BlobError>;
}
