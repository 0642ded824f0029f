//! Amazon CloudWatch Logs: groups, streams, events, filters, Logs Insights.
//!
//! ```text
//! ops/<operation>.rs ── resolves, declares its questions, executes
//!     group.rs        finds log groups, says their ARNs and condition keys
//!     batch.rs        events as they are stored: compressed and sealed
//!     reader.rs       events in the order of time, from any number of batches
//!     queries.rs      Logs Insights queries that run, and what they found
//!     repo.rs         store keys, loads
//!     records.rs      the stored forms
//!     workers.rs      retention, and what deleted groups and streams leave behind
//! ```

mod batch;
mod error;
mod group;
mod ops;
mod page;
mod paging;
mod queries;
mod reader;
mod records;
mod repo;
mod service;
mod tags;
#[cfg(test)]
#[allow(clippy::panic, reason = "a test that cannot go on ends")]
mod testing;
#[cfg(test)]
mod tests;
mod workers;

pub use service::{Logs, LogsService};
