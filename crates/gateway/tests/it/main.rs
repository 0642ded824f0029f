//! The front door over loopback, with services that do nothing of their own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on ends"
)]

mod admin;
mod fakes;
mod limits;
mod protocols;
mod s3;
mod shelf;
mod shutdown;
mod signatures;
mod tls;
