//! Writing JSON.

use garrison_schema::{ApiError, Member, TimestampFormat, WriteStructure, Writer};
use garrison_types::Timestamp;

use crate::buffer::Buffer;
use crate::timestamp;

/// The body of an answer.
pub(crate) fn output_body(output: &dyn WriteStructure) -> Buffer {
    let mut writer = JsonWriter::new(Buffer::new());
    writer.object(output);
    writer.out
}

/// The body of an error: its name, its message, its other members.
///
/// AWS's front door spells `Message` in the errors that it makes itself for a caller without permission or a
/// body that it cannot read; the errors of the models have `message`. Every SDK reads both.
pub(crate) fn error_body(error: &ApiError) -> Buffer {
    let mut writer = error_opened(error);
    if let Some(members) = &error.members {
        members.write_members(&mut writer);
    }
    writer.closed()
}

/// A writer in the object of an error that has its name and its message.
pub(crate) fn error_opened(error: &ApiError) -> JsonWriter {
    let name = error.schema.name;
    let mut writer = JsonWriter::opened();
    writer.name("__type");
    writer.quoted(name);
    if !error.message.is_empty() {
        let capital = matches!(name, "AccessDeniedException" | "SerializationException");
        writer.name(if capital { "Message" } else { "message" });
        writer.quoted(&error.message);
    }
    writer
}

/// What stands around the value that is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// An object, whose member's name must be written first.
    Member,
    /// An array.
    Item,
    /// An object, whose member's name has been written.
    Entry,
}

/// Writes the members of an object.
pub(crate) struct JsonWriter {
    out: Buffer,
    place: Place,
    first: bool,
}

impl JsonWriter {
    /// A writer in an object that has just begun.
    pub(crate) fn opened() -> Self {
        let mut writer = Self::new(Buffer::new());
        writer.out.push(b'{');
        writer
    }

    /// The object.
    pub(crate) fn closed(mut self) -> Buffer {
        self.out.push(b'}');
        self.out
    }

    /// A writer of one value alone.
    pub(crate) fn of_value() -> Self {
        Self { out: Buffer::new(), place: Place::Entry, first: true }
    }

    /// The value.
    pub(crate) fn finish(self) -> Buffer {
        self.out
    }

    fn new(out: Buffer) -> Self {
        Self { out, place: Place::Member, first: true }
    }

    fn comma(&mut self) {
        if !std::mem::replace(&mut self.first, false) {
            self.out.push(b',');
        }
    }

    /// A name of the models needs no escapes.
    fn name(&mut self, name: &str) {
        self.comma();
        self.out.push(b'"');
        self.out.extend(name.as_bytes());
        self.out.extend(b"\":");
    }

    /// What stands before a value.
    fn begin(&mut self, member: &'static Member) {
        match self.place {
            Place::Member => self.name(member.wire()),
            Place::Item => self.comma(),
            Place::Entry => {}
        }
        if member.shape().sensitive {
            self.out.mark_sensitive();
        }
    }

    fn within(&mut self, place: Place, brackets: [u8; 2], write: impl FnOnce(&mut Self)) {
        let [open, close] = brackets;
        let outer = (self.place, self.first);
        (self.place, self.first) = (place, true);
        self.out.push(open);
        write(self);
        self.out.push(close);
        (self.place, self.first) = outer;
    }

    fn object(&mut self, value: &dyn WriteStructure) {
        self.within(Place::Member, *b"{}", |writer| value.write_members(writer));
    }

    fn quoted(&mut self, text: &str) {
        self.out.push(b'"');
        let mut rest = text.as_bytes();
        while let Some(at) = rest.iter().position(|byte| matches!(byte, 0..0x20 | b'"' | b'\\')) {
            let (plain, tail) = rest.split_at(at);
            self.out.extend(plain);
            let Some((special, tail)) = tail.split_first() else { break };
            match special {
                b'"' | b'\\' => self.out.extend(&[b'\\', *special]),
                b'\n' => self.out.extend(b"\\n"),
                b'\r' => self.out.extend(b"\\r"),
                b'\t' => self.out.extend(b"\\t"),
                control => self.out.extend_display(format_args!("\\u{control:04x}")),
            }
            rest = tail;
        }
        self.out.extend(rest);
        self.out.push(b'"');
    }

    fn plain(&mut self, member: &'static Member, value: impl std::fmt::Display) {
        self.begin(member);
        self.out.extend_display(value);
    }
}

impl Writer for JsonWriter {
    fn boolean(&mut self, member: &'static Member, value: bool) {
        self.begin(member);
        self.out.extend(if value { b"true" } else { b"false" });
    }

    fn integer(&mut self, member: &'static Member, value: i32) {
        self.plain(member, value);
    }

    fn long(&mut self, member: &'static Member, value: i64) {
        self.plain(member, value);
    }

    fn double(&mut self, member: &'static Member, value: f64) {
        self.begin(member);
        if value.is_finite() {
            // The shortest digits that give the same number again; at most 330 of them.
            self.out.extend(value.to_string().as_bytes());
        } else if value.is_nan() {
            self.out.extend(b"\"NaN\"");
        } else {
            self.out.extend(if value > 0.0 { b"\"Infinity\"" } else { b"\"-Infinity\"" });
        }
    }

    fn string(&mut self, member: &'static Member, value: &str) {
        self.begin(member);
        self.quoted(value);
    }

    fn blob(&mut self, member: &'static Member, value: &[u8]) {
        self.begin(member);
        self.out.push(b'"');
        self.out.extend_base64(value);
        self.out.push(b'"');
    }

    fn timestamp(&mut self, member: &'static Member, value: Timestamp) {
        match member.timestamp_format {
            Some(TimestampFormat::DateTime) => self.string(member, &value.to_iso8601_millis()),
            Some(TimestampFormat::HttpDate) => self.string(member, &timestamp::to_http_date(value)),
            Some(TimestampFormat::EpochSeconds) | None => self.plain(member, timestamp::to_seconds(value)),
        }
    }

    fn document(&mut self, member: &'static Member, json: &str) {
        self.begin(member);
        self.out.extend(json.as_bytes());
    }

    fn structure(&mut self, member: &'static Member, value: &dyn WriteStructure) {
        self.begin(member);
        self.object(value);
    }

    fn list(&mut self, member: &'static Member, _len: usize, items: &mut dyn FnMut(&mut dyn Writer)) {
        self.begin(member);
        self.within(Place::Item, *b"[]", |writer| items(writer));
    }

    fn map(&mut self, member: &'static Member, _len: usize, entries: &mut dyn FnMut(&mut dyn Writer)) {
        self.begin(member);
        self.within(Place::Entry, *b"{}", |writer| entries(writer));
    }

    fn key(&mut self, key: &str) {
        self.comma();
        self.quoted(key);
        self.out.push(b':');
    }
}
