//! The audit log: append-only segments, synced in groups, found again by index.

mod body;
mod frame;
mod index;
mod log;
mod lookup;
mod open;
mod segment;
mod wait;
mod worker;

pub(crate) use body::{decode as decode_record, encode as encode_record};
pub(crate) use log::{Reservation, SegmentLog};
