//! AWS Identity and Access Management.
//!
//! ```text
//! ops/<operation>.rs ── resolves, declares its questions, executes
//!     service.rs      what operations share
//!     condition.rs    every `iam:` condition key
//!     repo/           store keys, reads, write sets
//!     records/        the stored forms
//!     names.rs paging.rs tagging.rs quota.rs error.rs
//! ```

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
mod x509;
#[cfg(test)]
mod testing;

pub use service::{Iam, IamService};
