//! Support for tests, never shipped: a kernel on a temporary store with a clock that stands still and randomness that
//! repeats, a front door over it, and a client that signs.
//!
//! Everything panics when something is not as a test must find it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on ends")]

mod client;
mod kernel;
mod server;

pub use client::{Answer, Client, Key, Version};
pub use kernel::{ACCOUNT, REGION, START, TestKernel};
pub use server::{KEY, TestServer, tls_pair};
