//! The HTTP front door: everything between a socket and `dispatch`.
//!
//! The phases of a request, a file each: [`limits`] → [`identify`] → [`authenticate`] → [`decode`] (with
//! validation) → `garrison_kernel::AnyOperation::dispatch` → [`encode`]; [`call`] strings them together.
//!
//! Architecture invariant: no operation, service or backend is known here by name, and nothing but `dispatch` runs
//! an operation.

mod admin;
mod authenticate;
mod call;
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
mod request;
mod tls;

pub use admin::{Operator, PartHealth};
pub use gateway::{Gateway, Parts};
pub use listen::{ended, serve};
pub use meters::Gauge;
pub use options::{Limits, Options};
pub use tls::{TlsError, config as tls_config};
