//! AWS CloudTrail: looking calls up in the audit log.

mod ops;
mod service;
mod token;

pub use service::{CloudTrail, CloudTrailService};
