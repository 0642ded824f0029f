//! What the interface models say, as constants, and the two traits through which every protocol reads and
//! writes every shape.
//!
//! Generated types (`garrison-api-*`) hold one dynamic [`Structure::read`] and one
//! [`WriteStructure::write_members`] each and know no protocol; a protocol implements [`Reader`] and [`Writer`]
//! once and knows no service. Validation and the audit record are writers too, so that every
//! constraint and every "sensitive" mark is honoured in one place.
//!
//! Layer L0: no IO, no clock, no randomness.

pub mod audit_json;
mod error;
mod issues;
mod read;
mod shape;
mod stream;
mod string_enum;
mod unit;
pub mod validate;
mod value;
mod write;

pub use error::{ApiError, ReadError};
pub use issues::{Issues, Segment};
pub use read::{EachElement, EachEntry, EachMember, Reader, Structure};
pub use shape::{
    Checksum, Constraints, ErrorSchema, HttpTraits, Kind, Location, Member, Operation, OperationSchema,
    Protocol, ServiceSchema, Shape, TimestampFormat, XmlNamespace,
};
pub use stream::{ByteStream, Bytes, BytesStream, EventStream, Events, EventsStream};
pub use unit::{UNIT, UNIT_MEMBER, Unit};
pub use value::{Blob, SensitiveBlob, SensitiveString};
pub use write::{WriteStructure, Writer};
