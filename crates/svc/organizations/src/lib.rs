//! AWS Organizations.
//!
//! Each operation is a file in `ops`; what they share is in `service`. `Directory` tells authorization what organizations
//! mean for accounts; it needs the store alone, so that the kernel can be built on it.

mod accept;
mod act;
#[cfg(test)]
mod authorization_tests;
mod creation;
mod delegation;
mod directory;
mod effective;
mod error;
mod grammar;
mod handshakes;
mod id;
mod inherit;
mod members;
mod ops;
mod paging;
mod policies;
mod records;
mod repo;
mod retag;
mod scene;
mod service;
mod services;
mod tags;
#[cfg(test)]
#[allow(clippy::panic, reason = "a test that cannot go on ends")]
mod testing;
mod transfers;
mod tree;
mod view;
mod workers;

pub use directory::Directory;
pub use service::{Organizations, OrganizationsService};
