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
mod names;
mod ops;
mod paging;
mod quota;
mod records;
mod repo;
mod service;
mod tagging;
#[cfg(test)]
mod testing;

pub use service::{Iam, IamService};
