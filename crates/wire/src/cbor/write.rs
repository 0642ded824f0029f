//! Writing CBOR.

use garrison_schema::{ApiError, Member, WriteStructure, Writer};
use garrison_types::Timestamp;

use crate::buffer::Buffer;

/// Major types, in the high bits of an item's first byte.
const UNSIGNED: u8 = 0 << 5;
const NEGATIVE: u8 = 1 << 5;
const BYTES: u8 = 2 << 5;
const TEXT: u8 = 3 << 5;
const ARRAY: u8 = 4 << 5;
const MAP: u8 = 5 << 5;

/// A map whose length is not known before it is written: what a structure is.
const OPEN_MAP: u8 = MAP | 31;
const BREAK: u8 = 0xff;
const FLOAT64: u8 = 0xfb;
/// Tag 1, seconds since the epoch.
const TIME: u8 = 0xc1;

/// The body of an answer.
pub(crate) fn output_body(output: &dyn WriteStructure) -> Buffer {
    let mut writer = CborWriter { out: Buffer::new(), named: true };
    writer.object(output);
    writer.out
}

/// The body of an error: its name, its message, its other members.
///
/// The specification asks for the shape's absolute name. The pinned models do not hold the namespace, and clients
/// look only at what follows its `#`.
pub(crate) fn error_body(error: &ApiError) -> Buffer {
    let mut writer = CborWriter { out: Buffer::new(), named: true };
    writer.out.push(OPEN_MAP);
    writer.text("__type");
    writer.text(error.schema.name);
    if !error.message.is_empty() {
        writer.text("message");
        writer.text(&error.message);
    }
    if let Some(members) = &error.members {
        members.write_members(&mut writer);
    }
    writer.out.push(BREAK);
    writer.out
}

/// Writes the members of a map.
pub(crate) struct CborWriter {
    out: Buffer,
    /// Inside a structure, where each value follows its member's name.
    named: bool,
}

impl CborWriter {
    /// A writer in a map that has just begun.
    pub(crate) fn opened() -> Self {
        let mut writer = Self { out: Buffer::new(), named: true };
        writer.out.push(OPEN_MAP);
        writer
    }

    /// The map.
    pub(crate) fn closed(mut self) -> Buffer {
        self.out.push(BREAK);
        self.out
    }

    /// A writer of one value alone.
    pub(crate) fn of_value() -> Self {
        Self { out: Buffer::new(), named: false }
    }

    /// The value.
    pub(crate) fn finish(self) -> Buffer {
        self.out
    }

    fn head(&mut self, major: u8, argument: u64) {
        let bytes = argument.to_be_bytes();
        let (info, length) = match argument {
            0..=23 => {
                self.out.push(major | bytes.last().copied().unwrap_or_default());
                return;
            }
            24..=0xff => (24, 1),
            0x100..=0xffff => (25, 2),
            0x1_0000..=0xffff_ffff => (26, 4),
            _ => (27, 8),
        };
        self.out.push(major | info);
        self.out.extend(bytes.get(8 - length..).unwrap_or_default());
    }

    /// A length: no collection on this machine is longer than a u64 counts.
    fn length(&mut self, major: u8, length: usize) {
        self.head(major, u64::try_from(length).unwrap_or(u64::MAX));
    }

    fn text(&mut self, text: &str) {
        self.length(TEXT, text.len());
        self.out.extend(text.as_bytes());
    }

    fn number(&mut self, number: i64) {
        if number < 0 {
            self.head(NEGATIVE, (-1 - number).unsigned_abs());
        } else {
            self.head(UNSIGNED, number.unsigned_abs());
        }
    }

    fn float(&mut self, value: f64) {
        self.out.push(FLOAT64);
        self.out.extend(&value.to_be_bytes());
    }

    fn begin(&mut self, member: &'static Member) {
        if self.named {
            self.text(member.name);
        }
        if member.shape().sensitive {
            self.out.mark_sensitive();
        }
    }

    fn within(&mut self, named: bool, write: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.named, named);
        write(self);
        self.named = outer;
    }

    fn object(&mut self, value: &dyn WriteStructure) {
        self.out.push(OPEN_MAP);
        self.within(true, |writer| value.write_members(writer));
        self.out.push(BREAK);
    }
}

impl Writer for CborWriter {
    fn boolean(&mut self, member: &'static Member, value: bool) {
        self.begin(member);
        self.out.push(if value { 0xf5 } else { 0xf4 });
    }

    fn integer(&mut self, member: &'static Member, value: i32) {
        self.long(member, value.into());
    }

    fn long(&mut self, member: &'static Member, value: i64) {
        self.begin(member);
        self.number(value);
    }

    fn double(&mut self, member: &'static Member, value: f64) {
        self.begin(member);
        self.float(value);
    }

    fn string(&mut self, member: &'static Member, value: &str) {
        self.begin(member);
        self.text(value);
    }

    fn blob(&mut self, member: &'static Member, value: &[u8]) {
        self.begin(member);
        self.length(BYTES, value.len());
        self.out.extend(value);
    }

    fn timestamp(&mut self, member: &'static Member, value: Timestamp) {
        self.begin(member);
        self.out.push(TIME);
        self.float(value.as_f64());
    }

    fn document(&mut self, member: &'static Member, json: &str) {
        // The protocol has no documents; a model that holds one does not list the protocol.
        self.string(member, json);
    }

    fn structure(&mut self, member: &'static Member, value: &dyn WriteStructure) {
        self.begin(member);
        self.object(value);
    }

    fn list(&mut self, member: &'static Member, len: usize, items: &mut dyn FnMut(&mut dyn Writer)) {
        self.begin(member);
        self.length(ARRAY, len);
        self.within(false, |writer| items(writer));
    }

    fn map(&mut self, member: &'static Member, len: usize, entries: &mut dyn FnMut(&mut dyn Writer)) {
        self.begin(member);
        self.length(MAP, len);
        self.within(false, |writer| entries(writer));
    }

    fn key(&mut self, key: &str) {
        self.text(key);
    }
}
