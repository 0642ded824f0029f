//! awsJson 1.0 and 1.1: a JSON object per request and answer.
//!
//! Source: Smithy 2.0 specification, "AWS JSON 1.1 protocol"; RFC 8259.

mod parse;
mod read;
mod write;

pub use read::JsonReader;
pub(crate) use write::{JsonWriter, error_body, error_opened, output_body};
