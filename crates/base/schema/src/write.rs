//! Writing: generated code hands its members to a protocol, to the validator or to the audit record.

use garrison_types::Timestamp;

use crate::shape::{Member, Shape};
use crate::stream::{ByteStream, Events};

/// A structure that can be written: generated types implement it.
pub trait WriteStructure {
    /// What the model says of it.
    fn shape(&self) -> &'static Shape;
    /// Calls the writer once for each member that is set, in the model's order.
    fn write_members(&self, writer: &mut dyn Writer);
}

/// Implemented once per protocol, and by whatever else looks at values through the model. Writing cannot fail:
/// what is written was made by Garrison or has been read and validated.
pub trait Writer {
    /// A boolean.
    fn boolean(&mut self, member: &'static Member, value: bool);
    /// A 32-bit integer.
    fn integer(&mut self, member: &'static Member, value: i32);
    /// A 64-bit integer.
    fn long(&mut self, member: &'static Member, value: i64);
    /// A float or double.
    fn double(&mut self, member: &'static Member, value: f64);
    /// Text, also of an enum.
    fn string(&mut self, member: &'static Member, value: &str);
    /// Bytes.
    fn blob(&mut self, member: &'static Member, value: &[u8]);
    /// Bytes that need not be in memory together; only what makes HTTP's body of them takes them out.
    fn stream(&mut self, _member: &'static Member, _value: &ByteStream) {}
    /// An event stream; only what makes HTTP's body of it takes it out.
    fn events(&mut self, _member: &'static Member, _value: &Events) {}
    /// A point in time.
    fn timestamp(&mut self, member: &'static Member, value: Timestamp);
    /// Any JSON value, as its text.
    fn document(&mut self, member: &'static Member, json: &str);
    /// A structure: the writer calls its `write_members`.
    fn structure(&mut self, member: &'static Member, value: &dyn WriteStructure);
    /// A list of `len` items: `items` writes each, with the list shape's element member.
    fn list(&mut self, member: &'static Member, len: usize, items: &mut dyn FnMut(&mut dyn Writer));
    /// A map of `len` entries: `entries` calls [`Writer::key`] and then writes the value, for each.
    fn map(&mut self, member: &'static Member, len: usize, entries: &mut dyn FnMut(&mut dyn Writer));
    /// The key of the map entry whose value follows.
    fn key(&mut self, key: &str);
}
