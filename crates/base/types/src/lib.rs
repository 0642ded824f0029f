//! The names of AWS's things, parsed once and then trusted: accounts, regions, partitions, ARNs, tags.
//!
//! Layer L0: no IO, no clock, no randomness. Everything here is a value that is valid by construction, so
//! that no later layer checks the same string twice.

mod account;
mod arn;
mod region;
mod request_id;
mod tag;
mod timestamp;

pub use account::{AccountId, InvalidAccountId};
pub use arn::{Arn, InvalidArn};
pub use region::{InvalidRegion, Partition, Region};
pub use request_id::RequestId;
pub use tag::Tag;
pub use timestamp::Timestamp;
