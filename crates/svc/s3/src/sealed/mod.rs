//! Bytes into blobs, and out of them: sealed in segments, a bounded number of which is in memory.

mod read;
mod write;

#[cfg(test)]
pub(crate) use read::collect;
pub(crate) use read::{Piece, open};
pub(crate) use write::{MAX_SIZE, Received, claim, receive};
