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
mod account;
mod attachments;
mod authorization_details;
mod condition;
mod credential_report;
mod directory;
mod documents;
mod entity;
mod error;
mod granting;
mod groups;
mod instance_profiles;
mod last_accessed;
mod last_used;
mod managed;
mod managed_policies;
mod mfa;
mod names;
mod open_id;
mod ops;
mod paging;
mod passwords;
mod pem;
#[cfg(test)]
mod permission_tests;
mod ports;
mod principal_source;
mod providers;
mod qr_code;
mod quota;
mod records;
mod repo;
mod roles;
mod root_features;
mod saml;
mod sealing;
mod server_certificates;
mod service;
mod service_credentials;
mod service_linked;
mod signing_certificates;
mod simulation;
mod ssh_key;
mod ssh_keys;
mod subject;
mod tagging;
#[cfg(test)]
mod testing;
mod totp;
mod user_credentials;
mod users;
mod x509;

pub use access_keys::{AccessKeyParts, AccessKeys, IssuedKey, ListedKey};
pub use directory::Directory;
pub use service::{Iam, IamService};
