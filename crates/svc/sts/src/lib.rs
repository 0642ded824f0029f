//! AWS Security Token Service: who am I, and (later) sessions.

mod ops;
mod service;

pub use service::{Sts, StsService};
