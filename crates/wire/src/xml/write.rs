//! Writing XML.

use garrison_schema::{Kind, Member, TimestampFormat, WriteStructure, Writer, XmlNamespace};
use garrison_types::Timestamp;

use crate::buffer::Buffer;
use crate::timestamp;

/// Names of elements come from the models and need no escapes.
#[derive(Default)]
pub(crate) struct XmlWriter {
    out: Buffer,
    /// The names of the elements around the items of the list, or the entries and values of the map, that is
    /// being written; `None` in a structure, where the member's name counts.
    item: Option<Item>,
    /// Only the members that are attributes are written, for the start of a structure's element; otherwise only the
    /// others.
    attributes: bool,
    /// The default namespace that the next structure's element declares, when it is the root.
    root_namespace: Option<&'static str>,
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
    /// A writer of a document whose root is the element of the one structure that is written.
    pub(crate) fn of_root(namespace: Option<&'static str>) -> Self {
        let mut writer = Self { root_namespace: namespace, ..Self::default() };
        writer.declare();
        writer
    }

    /// The declaration that a document begins with.
    pub(crate) fn declare(&mut self) {
        self.out.extend(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    }

    /// What has been written.
    pub(crate) fn finish(self) -> Buffer {
        self.out
    }

    /// The start of an element.
    pub(crate) fn open(&mut self, name: &str) {
        self.out.push(b'<');
        self.out.extend(name.as_bytes());
        self.out.push(b'>');
    }

    /// The start of an element that declares a default namespace.
    pub(crate) fn open_with_namespace(&mut self, name: &str, namespace: Option<&'static str>) {
        self.out.push(b'<');
        self.out.extend(name.as_bytes());
        self.namespace(namespace.map(|uri| XmlNamespace { prefix: None, uri }));
        self.out.push(b'>');
    }

    fn namespace(&mut self, namespace: Option<XmlNamespace>) {
        let Some(XmlNamespace { prefix, uri }) = namespace else { return };
        self.out.extend(b" xmlns");
        if let Some(prefix) = prefix {
            self.out.push(b':');
            self.out.extend(prefix.as_bytes());
        }
        self.out.extend(b"=\"");
        self.escape(uri);
        self.out.push(b'"');
    }

    /// The start of a structure's element, with its namespace and its attributes.
    fn open_structure(&mut self, name: &str, member: &'static Member, value: &dyn WriteStructure) {
        self.out.push(b'<');
        self.out.extend(name.as_bytes());
        let root = self.root_namespace.take().map(|uri| XmlNamespace { prefix: None, uri });
        self.namespace(root);
        self.namespace(member.xml_namespace.filter(|own| root.is_none() || own.prefix.is_some()));
        if value.shape().members().iter().any(|member| member.xml_attribute) {
            let outer = std::mem::replace(&mut self.attributes, true);
            self.with_items(None, |writer| value.write_members(writer));
            self.attributes = outer;
        }
        self.out.push(b'>');
    }

    /// The end of an element.
    pub(crate) fn close(&mut self, name: &str) {
        self.out.extend(b"</");
        self.out.extend(name.as_bytes());
        self.out.push(b'>');
    }

    /// An element.
    pub(crate) fn element(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.open(name);
        write(self);
        self.close(name);
    }

    /// An element of text.
    pub(crate) fn text_element(&mut self, name: &str, text: &str) {
        self.element(name, |writer| writer.escape(text));
    }

    /// Text, with what XML cannot hold as it is escaped.
    pub(crate) fn escape(&mut self, text: &str) {
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
                // In attributes these two would become spaces (XML 1.0 section 3.3.3).
                b'\t' if self.attributes => b"&#x9;",
                b'\n' if self.attributes => b"&#xA;",
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
        if self.item.is_none() && member.xml_attribute != self.attributes {
            return;
        }
        if member.shape().sensitive {
            self.out.mark_sensitive();
        }
        match self.item {
            None if self.attributes => {
                self.out.push(b' ');
                self.out.extend(member.wire().as_bytes());
                self.out.extend(b"=\"");
                write(self);
                self.out.push(b'"');
            }
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
        if self.attributes {
            return;
        }
        let name = match self.item {
            None => member.wire(),
            Some(Item::Element(name) | Item::Entry(_, name, _)) => name,
        };
        self.open_structure(name, member, value);
        self.with_items(None, |writer| value.write_members(writer));
        self.close(name);
        if let Some(Item::Entry(_, _, entry)) = self.item {
            self.close(entry);
        }
    }

    fn list(&mut self, member: &'static Member, _len: usize, items: &mut dyn FnMut(&mut dyn Writer)) {
        let Kind::List(element) = member.shape().kind else { return };
        if self.attributes {
            return;
        }
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
        if self.attributes {
            return;
        }
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
