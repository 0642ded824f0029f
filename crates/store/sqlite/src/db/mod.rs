//! Records in SQLite: one writer thread that commits in groups, and a few connections that read.

mod apply;
mod changes;
mod erase;
mod error;
mod readers;
mod schema;
mod writer;

pub(crate) use error::store_error;
pub(crate) use readers::Readers;
pub(crate) use schema::{Role, open};
pub(crate) use writer::{Observers, Request, Writer};
