//! The HTTP front door: everything between a socket and `dispatch`.
//!
//! The phases of a request, a file each: [`limits`] → [`identify`] → [`authenticate`] → [`decode`] (with
//! validation) → `garrison_kernel::AnyOperation::dispatch` → [`encode`]; [`call`] strings them together. Services
//! whose operations are methods and URIs are identified by [`rest`], on the head alone, and called by [`rest_call`]:
//! their bodies may stream in ([`stream_in`]) and out ([`body`]).
//!
//! Architecture invariant: no operation or backend is known here by name, of services only S3 (in [`rest`]), and
//! nothing but `dispatch` runs an operation.

mod admin;
mod authenticate;
mod body;
mod call;
mod checksum;
mod decode;
mod directory;
mod encode;
mod gateway;
mod head;
mod identify;
mod limits;
mod listen;
mod meters;
mod options;
mod refusals;
mod request;
mod rest;
mod rest_call;
mod signature_errors;
mod stream_in;
mod tls;

pub use admin::{Operator, PartHealth};
pub use gateway::{Gateway, Parts};
pub use listen::{ended, serve};
pub use meters::Gauge;
pub use options::{Limits, Options};
pub use tls::{TlsError, config as tls_config};
