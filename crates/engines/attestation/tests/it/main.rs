//! The engine on documents that these tests make themselves.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this crate is tests: a failed expectation must panic"
)]

mod support;

mod chains;
mod documents;
mod envelope;
mod properties;
