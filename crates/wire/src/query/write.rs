//! Writing XML.

use garrison_schema::{
    ApiError, Kind, Member, OperationSchema, ServiceSchema, TimestampFormat, WriteStructure, Writer,
};
use garrison_types::Timestamp;

use crate::buffer::Buffer;
use crate::timestamp;

/// The body of an answer: the result in the operation's response, then the request's id.
pub(crate) fn output_body(
    service: &'static ServiceSchema,
    operation: &'static OperationSchema,
    output: &dyn WriteStructure,
    request_id: &str,
) -> Buffer {
    let mut writer = XmlWriter::default();
    let response = format!("{}Response", operation.name);
    writer.open_with_namespace(&response, service.xml_namespace);
    match operation.output_member.wire_name {
        Some(result) => writer.element(result, |writer| output.write_members(writer)),
        None => output.write_members(&mut writer),
    }
    writer.element("ResponseMetadata", |writer| writer.text_element("RequestId", request_id));
    writer.close(&response);
    writer.out
}

/// The body of an error.
pub(crate) fn error_body(
    service: Option<&'static ServiceSchema>,
    error: &ApiError,
    request_id: &str,
) -> Buffer {
    let mut writer = XmlWriter::default();
    writer.open_with_namespace("ErrorResponse", service.and_then(|service| service.xml_namespace));
    writer.element("Error", |writer| {
        writer.text_element("Type", if error.schema.sender_fault { "Sender" } else { "Receiver" });
        writer.text_element("Code", error.schema.code());
        writer.text_element("Message", &error.message);
        if let Some(members) = &error.members {
            members.write_members(writer);
        }
    });
    writer.text_element("RequestId", request_id);
    writer.close("ErrorResponse");
    writer.out
}

/// Names of elements come from the models and need no escapes.
#[derive(Default)]
struct XmlWriter {
    out: Buffer,
    /// The names of the elements around the items of the list, or the entries and values of the map, that is
    /// being written; `None` in a structure, where the member's name counts.
    item: Option<Item>,
}

/// How the items of a list or map are wrapped.
#[derive(Clone, Copy)]
enum Item {
    /// Each item of a list in an element of this name.
    Element(&'static str),
    /// The value of a map's entry in an element of the second name, after its key in one of the first, both in
    /// one of the third.
    Entry(&'static str, &'static str, &'static str),
}

impl XmlWriter {
    fn open(&mut self, name: &str) {
        self.out.push(b'<');
        self.out.extend(name.as_bytes());
        self.out.push(b'>');
    }

    fn open_with_namespace(&mut self, name: &str, namespace: Option<&str>) {
        self.out.push(b'<');
        self.out.extend(name.as_bytes());
        if let Some(namespace) = namespace {
            self.out.extend(b" xmlns=\"");
            self.escape(namespace);
            self.out.push(b'"');
        }
        self.out.push(b'>');
    }

    fn close(&mut self, name: &str) {
        self.out.extend(b"</");
        self.out.extend(name.as_bytes());
        self.out.push(b'>');
    }

    fn element(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.open(name);
        write(self);
        self.close(name);
    }

    fn text_element(&mut self, name: &str, text: &str) {
        self.element(name, |writer| writer.escape(text));
    }

    fn escape(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        let special = |byte: &u8| matches!(byte, 0..0x20 | b'"' | b'&' | b'<' | b'>');
        while let Some(at) = rest.iter().position(special) {
            let (plain, tail) = rest.split_at(at);
            self.out.extend(plain);
            let Some((byte, tail)) = tail.split_first() else { break };
            self.out.extend(match byte {
                b'"' => b"&quot;",
                b'&' => b"&amp;",
                b'<' => b"&lt;",
                b'>' => b"&gt;",
                b'\t' => b"\t",
                b'\n' => b"\n",
                // A bare carriage return would become a line feed (XML 1.0 section 2.11).
                b'\r' => b"&#xD;",
                // XML 1.0 has no way to write the other control characters.
                _ => "\u{fffd}".as_bytes(),
            });
            rest = tail;
        }
        self.out.extend(rest);
    }

    /// One value, in the element that its place demands.
    fn value(&mut self, member: &'static Member, write: impl FnOnce(&mut Self)) {
        if member.shape().sensitive {
            self.out.mark_sensitive();
        }
        match self.item {
            None => self.element(member.wire(), write),
            Some(Item::Element(name)) => self.element(name, write),
            Some(Item::Entry(_, value, entry)) => {
                self.element(value, write);
                self.close(entry);
            }
        }
    }

    fn plain(&mut self, member: &'static Member, value: impl std::fmt::Display) {
        self.value(member, |writer| writer.out.extend_display(value));
    }

    /// Runs `write` with other items than those around.
    fn with_items(&mut self, item: Option<Item>, write: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.item, item);
        write(self);
        self.item = outer;
    }
}

impl Writer for XmlWriter {
    fn boolean(&mut self, member: &'static Member, value: bool) {
        self.plain(member, value);
    }

    fn integer(&mut self, member: &'static Member, value: i32) {
        self.plain(member, value);
    }

    fn long(&mut self, member: &'static Member, value: i64) {
        self.plain(member, value);
    }

    fn double(&mut self, member: &'static Member, value: f64) {
        let text = if value.is_infinite() {
            if value > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
        } else {
            value.to_string()
        };
        self.value(member, |writer| writer.out.extend(text.as_bytes()));
    }

    fn string(&mut self, member: &'static Member, value: &str) {
        self.value(member, |writer| writer.escape(value));
    }

    fn blob(&mut self, member: &'static Member, value: &[u8]) {
        self.value(member, |writer| writer.out.extend_base64(value));
    }

    fn timestamp(&mut self, member: &'static Member, value: Timestamp) {
        match member.timestamp_format {
            Some(TimestampFormat::EpochSeconds) => self.plain(member, timestamp::to_seconds(value)),
            Some(TimestampFormat::HttpDate) => self.string(member, &timestamp::to_http_date(value)),
            Some(TimestampFormat::DateTime) | None => self.string(member, &value.to_iso8601_millis()),
        }
    }

    fn document(&mut self, member: &'static Member, json: &str) {
        self.string(member, json);
    }

    fn structure(&mut self, member: &'static Member, value: &dyn WriteStructure) {
        self.value(member, |writer| writer.with_items(None, |writer| value.write_members(writer)));
    }

    fn list(&mut self, member: &'static Member, _len: usize, items: &mut dyn FnMut(&mut dyn Writer)) {
        let Kind::List(element) = member.shape().kind else { return };
        if member.flattened && self.item.is_none() {
            let name = element.wire_name.unwrap_or_else(|| member.wire());
            self.with_items(Some(Item::Element(name)), |writer| items(writer));
        } else {
            let item = Some(Item::Element(element.wire()));
            self.value(member, |writer| writer.with_items(item, |writer| items(writer)));
        }
    }

    fn map(&mut self, member: &'static Member, _len: usize, entries: &mut dyn FnMut(&mut dyn Writer)) {
        let Kind::Map(key, value) = member.shape().kind else { return };
        if member.flattened && self.item.is_none() {
            let item = Some(Item::Entry(key.wire(), value.wire(), member.wire()));
            self.with_items(item, |writer| entries(writer));
        } else {
            let item = Some(Item::Entry(key.wire(), value.wire(), "entry"));
            self.value(member, |writer| writer.with_items(item, |writer| entries(writer)));
        }
    }

    fn key(&mut self, key: &str) {
        if let Some(Item::Entry(name, _, entry)) = self.item {
            self.open(entry);
            self.text_element(name, key);
        }
    }
}
