//! Smithy RPC v2 CBOR: a CBOR map per request and answer.
//!
//! The operation stands in the path, `/service/<target>/operation/<name>`, and both sides send
//! `smithy-protocol: rpc-v2-cbor`. Source: Smithy 2.0 specification, "Smithy RPC v2 CBOR protocol"; RFC 8949.

mod parse;
mod read;
mod write;

pub use read::CborReader;
pub(crate) use write::{CborWriter, error_body, output_body};
