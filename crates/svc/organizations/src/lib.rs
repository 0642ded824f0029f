//! AWS Organizations.
//!
//! Each operation is a file in `ops`; what they share is in `service`.

mod ops;
mod service;

pub use service::{Organizations, OrganizationsService};
