//! The embedded backend: the suite that every backend passes, and what is this one's own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a failed expectation must panic; tests measure and read their environment"
)]

mod fixtures;
mod folder;
mod full;
mod suite;
