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
mod roles;
mod managed_policies;
mod last_used;
mod instance_profiles;
mod directory;
mod documents;
mod attachments;
mod entity;
mod error;
mod groups;
mod managed;
mod names;
mod open_id;
mod ops;
mod paging;
mod pem;
#[cfg(test)]
mod permission_tests;
mod ports;
mod providers;
mod quota;
mod records;
mod repo;
mod root_features;
mod saml;
mod saml_metadata;
mod sealing;
mod server_certificates;
mod service;
mod service_credentials;
mod service_linked;
mod signing_certificates;
mod ssh_key;
mod ssh_keys;
mod tagging;
mod user_credentials;
#[cfg(test)]
mod testing;
mod x509;

pub use access_keys::{AccessKeyParts, AccessKeys, IssuedKey, ListedKey};
pub use directory::Directory;
pub use service::{Iam, IamService};
