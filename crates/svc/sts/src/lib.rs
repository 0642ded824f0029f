//! AWS Security Token Service: who am I, and sessions with credentials that end.

mod error;
mod issuers;
mod keys;
mod mfa;
mod ops;
mod passed;
mod role;
mod saml;
mod service;
mod signing_keys;
#[cfg(test)]
mod testing;

pub use issuers::{IssuerHost, Issuers};
pub use service::{Sts, StsService};
