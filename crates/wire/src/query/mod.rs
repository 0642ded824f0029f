//! awsQuery: a form in, XML out.
//!
//! Source: Smithy 2.0 specification, "AWS query protocol"; WHATWG URL Standard, "application/x-www-form-urlencoded".

mod read;
mod write;

pub use read::QueryReader;
pub(crate) use write::{error_body, output_body};
