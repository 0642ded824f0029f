//! Writing the parts of an HTTP message, or of a message of an event stream: each member where it stands.

use std::borrow::Cow;

use garrison_schema::{ByteStream, Events, Kind, Location, Member, WriteStructure, Writer};
use garrison_types::Timestamp;

use super::text::{TextWriter, encoded_word, header_item};
use crate::buffer::Buffer;
use crate::cbor::CborWriter;
use crate::event_stream::HeaderValue;
use crate::json::JsonWriter;
use crate::xml::XmlWriter;

/// What bodies are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// JSON.
    Json,
    /// CBOR, in event streams.
    Cbor,
    /// XML, whose root has this namespace.
    Xml(Option<&'static str>),
}

impl Format {
    /// The namespace of a document's root.
    pub(crate) const fn namespace(self) -> Option<&'static str> {
        match self {
            Self::Json | Self::Cbor => None,
            Self::Xml(namespace) => namespace,
        }
    }

    /// The media type.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Cbor => "application/cbor",
            Self::Xml(_) => "application/xml",
        }
    }
}

/// The member that is the whole body.
pub(crate) enum Payload {
    /// A document.
    Document(Buffer),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
    /// Bytes, piece by piece.
    Stream(ByteStream),
    /// An event stream.
    Events(Events),
}

/// Writes a structure's members where they stand.
pub(crate) struct PartsWriter {
    format: Format,
    /// The members in the body's document.
    pub(super) body: DocumentWriter,
    /// Headers: names in lower case.
    pub(crate) headers: Vec<(Cow<'static, str>, String)>,
    /// Headers of an event stream's message.
    pub(crate) event_headers: Vec<(&'static str, HeaderValue)>,
    /// The status, when a member has it.
    pub(crate) status: Option<u16>,
    /// The member that is the whole body.
    pub(crate) payload: Option<Payload>,
}

/// Writes a document.
pub(super) enum DocumentWriter {
    Json(JsonWriter),
    Cbor(CborWriter),
    Xml(XmlWriter),
}

impl DocumentWriter {
    fn as_writer(&mut self) -> &mut dyn Writer {
        match self {
            Self::Json(writer) => writer,
            Self::Cbor(writer) => writer,
            Self::Xml(writer) => writer,
        }
    }

    fn finish(self) -> Buffer {
        match self {
            Self::Json(writer) => writer.finish(),
            Self::Cbor(writer) => writer.finish(),
            Self::Xml(writer) => writer.finish(),
        }
    }
}

impl PartsWriter {
    /// A writer whose document has the root of this name.
    pub(crate) fn new(format: Format, root: &'static str) -> Self {
        let body = match format {
            Format::Json => DocumentWriter::Json(JsonWriter::opened()),
            Format::Cbor => DocumentWriter::Cbor(CborWriter::opened()),
            Format::Xml(namespace) => {
                let mut writer = XmlWriter::default();
                writer.declare();
                writer.open_with_namespace(root, namespace);
                DocumentWriter::Xml(writer)
            }
        };
        Self::over(format, body)
    }

    /// A writer that goes on with a document.
    pub(super) fn over(format: Format, body: DocumentWriter) -> Self {
        Self { format, body, headers: Vec::new(), event_headers: Vec::new(), status: None, payload: None }
    }

    /// The document of the members that stand in it.
    pub(crate) fn into_document(self, root: &'static str) -> Buffer {
        match self.body {
            DocumentWriter::Json(writer) => writer.closed(),
            DocumentWriter::Cbor(writer) => writer.closed(),
            DocumentWriter::Xml(mut writer) => {
                writer.close(root);
                writer.finish()
            }
        }
    }

    /// A member, which `write` writes into whatever it is given.
    fn member(&mut self, member: &'static Member, write: &mut dyn FnMut(&mut dyn Writer)) {
        match member.location {
            Location::Header(name) => {
                let texts = Self::texts(write);
                let is_list = matches!(member.shape().kind, Kind::List(_));
                let quote = |text| if is_list { header_item(member, text) } else { encoded_word(text) };
                let texts: Vec<_> = texts.texts.iter().map(|text| quote(text)).collect();
                let text = texts.join(",");
                if !text.is_empty() {
                    self.headers.push((Cow::Owned(name.to_ascii_lowercase()), text));
                }
            }
            Location::HeaderPrefix(prefix) => {
                let TextWriter { texts, keys } = Self::texts(write);
                for (key, text) in keys.iter().zip(texts) {
                    let name = format!("{prefix}{key}").to_ascii_lowercase();
                    self.headers.push((Cow::Owned(name), encoded_word(&text).into_owned()));
                }
            }
            Location::StatusCode => {
                self.status = Self::texts(write).texts.first().and_then(|text| text.parse().ok())
            }
            Location::Payload | Location::EventPayload => {
                let mut writer = match self.format {
                    Format::Json => DocumentWriter::Json(JsonWriter::of_value()),
                    Format::Cbor => DocumentWriter::Cbor(CborWriter::of_value()),
                    Format::Xml(namespace) => DocumentWriter::Xml(XmlWriter::of_root(namespace)),
                };
                write(writer.as_writer());
                self.payload = Some(Payload::Document(writer.finish()));
            }
            Location::EventHeader => {
                let text = Self::texts(write).texts.into_iter().next().unwrap_or_default();
                self.event_headers.push((member.wire(), event_header(member, text)));
            }
            Location::Body | Location::Uri(_) | Location::QueryString(_) => write(self.body.as_writer()),
        }
    }

    fn texts(write: &mut dyn FnMut(&mut dyn Writer)) -> TextWriter {
        let mut texts = TextWriter::default();
        write(&mut texts);
        texts
    }
}

/// The typed value of an event stream's header.
fn event_header(member: &'static Member, text: String) -> HeaderValue {
    match member.shape().kind {
        Kind::Boolean => HeaderValue::Boolean(text == "true"),
        Kind::Integer => text.parse().map_or(HeaderValue::Text(text), HeaderValue::Integer),
        Kind::Long => text.parse().map_or(HeaderValue::Text(text), HeaderValue::Long),
        _ => HeaderValue::Text(text),
    }
}

fn is_payload(member: &'static Member) -> bool {
    matches!(member.location, Location::Payload | Location::EventPayload)
}

impl Writer for PartsWriter {
    fn boolean(&mut self, member: &'static Member, value: bool) {
        self.member(member, &mut |writer| writer.boolean(member, value));
    }

    fn integer(&mut self, member: &'static Member, value: i32) {
        self.member(member, &mut |writer| writer.integer(member, value));
    }

    fn long(&mut self, member: &'static Member, value: i64) {
        self.member(member, &mut |writer| writer.long(member, value));
    }

    fn double(&mut self, member: &'static Member, value: f64) {
        self.member(member, &mut |writer| writer.double(member, value));
    }

    fn string(&mut self, member: &'static Member, value: &str) {
        if is_payload(member) {
            self.payload = Some(Payload::Text(value.to_owned()));
        } else {
            self.member(member, &mut |writer| writer.string(member, value));
        }
    }

    fn blob(&mut self, member: &'static Member, value: &[u8]) {
        if is_payload(member) {
            self.payload = Some(Payload::Blob(value.to_vec()));
        } else if member.location == Location::EventHeader {
            self.event_headers.push((member.wire(), HeaderValue::Bytes(value.to_vec())));
        } else {
            self.member(member, &mut |writer| writer.blob(member, value));
        }
    }

    fn stream(&mut self, _member: &'static Member, value: &ByteStream) {
        self.payload = Some(Payload::Stream(value.clone()));
    }

    fn events(&mut self, _member: &'static Member, value: &Events) {
        self.payload = Some(Payload::Events(value.clone()));
    }

    fn timestamp(&mut self, member: &'static Member, value: Timestamp) {
        if member.location == Location::EventHeader {
            self.event_headers.push((member.wire(), HeaderValue::Timestamp(value)));
        } else {
            self.member(member, &mut |writer| writer.timestamp(member, value));
        }
    }

    fn document(&mut self, member: &'static Member, json: &str) {
        self.member(member, &mut |writer| writer.document(member, json));
    }

    fn structure(&mut self, member: &'static Member, value: &dyn WriteStructure) {
        self.member(member, &mut |writer| writer.structure(member, value));
    }

    fn list(&mut self, member: &'static Member, len: usize, items: &mut dyn FnMut(&mut dyn Writer)) {
        self.member(member, &mut |writer| writer.list(member, len, items));
    }

    fn map(&mut self, member: &'static Member, len: usize, entries: &mut dyn FnMut(&mut dyn Writer)) {
        self.member(member, &mut |writer| writer.map(member, len, entries));
    }

    fn key(&mut self, key: &str) {
        self.body.as_writer().key(key);
    }
}
