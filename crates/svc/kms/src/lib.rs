//! AWS Key Management Service: keys, their policies, aliases, tags and grants, and what they are used for.
//!
//! ```text
//! ops/<operation>.rs ── resolves, declares its questions, executes
//!     service.rs      the snapshots and caches that operations read
//!     condition.rs    every `kms:` condition key
//!     repo/           store keys, loads, write sets
//!     records.rs      the stored forms
//!     model/          the domain, without serde
//!     workers/        what falls due by itself
//! ```
//!
//! Hot paths (cryptographic use of a key by id or alias) read two in-memory snapshots and touch no store.

mod aliases;
mod condition;
mod creation;
mod data_key;
mod error;
mod grants;
mod imports;
mod key_policy;
mod managed;
mod metadata;
mod model;
mod ops;
mod paging;
mod recipient;
mod records;
mod related;
mod reply;
mod repo;
mod resolve;
mod rotation;
mod service;
mod signing;
mod tagging;
mod use_key;
mod workers;

pub use service::{Kms, KmsService};
