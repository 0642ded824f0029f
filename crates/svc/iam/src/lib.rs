//! AWS Identity and Access Management.
//!
//! ```text
//! ops/<operation>.rs ── resolves, declares its questions, executes
//!     service.rs      what operations share
//!     access_keys/     who signs with an access key or a session token
//!     condition.rs    every `iam:` condition key
//!     repo/           store keys, reads, write sets
//!     records/        the stored forms
//!     names.rs paging.rs tagging.rs quota.rs error.rs
//! ```

mod access_keys;
mod condition;
mod error;
mod groups;
mod managed;
mod names;
mod ops;
mod paging;
mod pem;
mod quota;
mod records;
mod repo;
mod saml_metadata;
mod service;
mod service_linked;
mod ssh_key;
mod tagging;
#[cfg(test)]
mod testing;
mod x509;

pub use access_keys::{AccessKeyParts, AccessKeys, IssuedKey, ListedKey};
pub use service::{Iam, IamService};
