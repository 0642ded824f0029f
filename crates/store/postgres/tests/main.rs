//! The PostgreSQL backend: the suite that every backend passes, and what is this one's own. Each test has a
//! throwaway cluster; without PostgreSQL on the machine they are skipped, loudly.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation must panic"
)]

mod failure;
mod fixtures;
mod lock;
mod retention;
mod suite;
mod tls;
