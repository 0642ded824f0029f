//! AWS's wire protocols: requests into typed inputs, typed outputs and errors into answers.
//!
//! Each protocol is one [`garrison_schema::Reader`] and one [`garrison_schema::Writer`] over the model's
//! constants; none knows a service. [`Codec`] is what a front door uses.
//!
//! Layer L1: no IO, no clock, no randomness. Readers take foreign bytes: they are bounded in depth, never panic,
//! and allocate no more than a small multiple of the body, which the caller has bounded.

mod answer;
mod buffer;
mod cbor;
mod codec;
pub mod event_stream;
mod json;
mod percent;
mod query;
pub mod rest;
mod timestamp;
mod xml;

pub use answer::{Answer, Body};
pub use buffer::Encoded;
pub use cbor::CborReader;
pub use codec::{BodyReader, Codec, decode};
pub use json::JsonReader;
pub use query::QueryReader;

/// How deep structures, lists and maps may nest in a request. No model of AWS's that is built here needs more
/// than ten; a reader recurses per level.
pub const MAX_DEPTH: usize = 64;
