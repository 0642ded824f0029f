//! Amazon S3: buckets with their configuration and policies, and objects, of which every byte at rest is sealed.
//!
//! ```text
//! ops/<operation>.rs ── resolves, declares its questions, executes
//!     resolve.rs      buckets and objects, and what authorization is asked about them
//!     condition.rs    every `s3:` condition key
//!     versions.rs     what a write or a deletion does to the versions of a key
//!     encryption.rs   where data keys come from
//!     sealed/         bytes into blobs, and out of them
//!     checksum.rs     checksums, of parts and of wholes
//!     repo/           store keys and loads
//!     records.rs      the stored forms
//!     workers.rs      the sweep of blobs that are nobody's
//! ```
//!
//! Design: `docs/rfd/0006-objects-at-rest.md`.

mod about;
mod bucket_policy;
mod checksum;
mod condition;
mod conditional;
mod configuration;
mod copy;
mod deletion;
mod encryption;
mod error;
mod etag;
mod head;
mod listing;
mod multipart;
mod names;
mod objects;
mod ops;
mod owner;
mod public;
mod range;
mod records;
mod repo;
mod resolve;
mod sealed;
mod service;
mod tagging;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod upload;
mod version_id;
mod versions;
mod workers;

pub use service::{S3, S3Parts, S3Service};
