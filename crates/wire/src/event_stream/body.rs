//! A stream of events as the bytes of a body.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use garrison_schema::{
    ApiError, ByteStream, Bytes, ErrorSchema, Events, EventsStream, Location, Member, OperationSchema,
    ReadError, Shape, WriteStructure, Writer,
};
use garrison_types::Timestamp;

use super::{HeaderValue, Message};
use crate::answer::{Answer, Body};
use crate::cbor;
use crate::json;
use crate::rest::{Format, PartsWriter, Payload};
use crate::xml::XmlWriter;

/// The longest text of an error that is sent in a header.
const MAX_ERROR: usize = 1024;

/// The events of an operation, each as the bytes of a message. An error is the last message.
pub(crate) struct EventBody {
    events: Option<EventsStream>,
    /// The union of the events.
    union: Option<&'static Shape>,
    format: Format,
    /// What is sent first: in the RPC protocols the output's other members.
    first: Option<Message>,
}

impl EventBody {
    /// The body of the events; `initial` is the document of the output's other members, in the RPC protocols.
    pub(crate) fn new(
        events: Events,
        operation: &'static OperationSchema,
        format: Format,
        initial: Option<(Vec<u8>, &'static str)>,
    ) -> Self {
        let first = initial.map(|(payload, content_type)| {
            message("event", ":event-type", "initial-response", content_type, payload)
        });
        let union = operation.event_output().map(Member::shape);
        Self { events: events.take(), union, format, first }
    }

    /// Makes it the body of an answer.
    pub(crate) fn into_answer(self, answer: &mut Answer) {
        answer.body = Body::Stream(ByteStream::new(self, None));
        answer.default_type("application/vnd.amazon.eventstream");
    }

    fn event(&self, event: &dyn WriteStructure) -> Message {
        let mut writer = EventWriter { format: self.format, message: Message::default() };
        event.write_members(&mut writer);
        writer.message
    }

    /// An exception of the model's goes by its member, any other error by its code.
    fn error(&self, error: &ApiError) -> Message {
        let members = self.union.map_or(&[][..], Shape::members);
        let modeled = members.iter().find(|member| member.shape().name == error.schema.name);
        if let Some(member) = modeled {
            let payload = match self.format {
                Format::Json => json::error_body(error),
                Format::Cbor => cbor::error_body(error),
                Format::Xml(_) => {
                    let mut writer = XmlWriter::default();
                    let named = |own: &&Member| own.name.eq_ignore_ascii_case("message");
                    let name = member.shape().members().iter().find(named).map_or("Message", Member::wire);
                    writer.element(member.wire(), |writer| writer.text_element(name, &error.message));
                    writer.finish()
                }
            };
            let (payload, _) = payload.into_parts();
            return message(
                "exception",
                ":exception-type",
                member.wire(),
                self.format.content_type(),
                payload,
            );
        }
        let text = error.message.get(..error.message.floor_char_boundary(MAX_ERROR)).unwrap_or_default();
        let headers =
            [(":message-type", "error"), (":error-code", error.schema.name), (":error-message", text)];
        let header = |(name, value): (&str, &str)| (name.to_owned(), HeaderValue::Text(value.to_owned()));
        Message { headers: headers.map(header).to_vec(), payload: Vec::new() }
    }
}

impl Stream for EventBody {
    type Item = Result<Bytes, ApiError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let bytes = |message: Message| message.encode().map(Bytes::from).map_err(too_long);
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(bytes(first)));
        }
        let Some(events) = &mut self.events else { return Poll::Ready(None) };
        let message = match ready!(events.as_mut().poll_next(context)) {
            Some(Ok(event)) => self.event(event.as_ref()),
            Some(Err(error)) => {
                self.events = None;
                self.error(&error)
            }
            None => return Poll::Ready(None),
        };
        Poll::Ready(Some(bytes(message)))
    }
}

fn too_long(error: ReadError) -> ApiError {
    static INTERNAL_FAILURE: ErrorSchema =
        ErrorSchema { name: "InternalFailure", query_code: None, http_status: 500, sender_fault: false };
    ApiError::new(&INTERNAL_FAILURE, "").with_internal(error)
}

fn message(kind: &str, key: &str, name: &str, content_type: &str, payload: Vec<u8>) -> Message {
    let headers = [(":message-type", kind), (key, name), (":content-type", content_type)];
    let header = |(name, value): (&str, &str)| (name.to_owned(), HeaderValue::Text(value.to_owned()));
    Message { headers: headers.map(header).to_vec(), payload }
}

/// Writes the one member of a union as a message.
struct EventWriter {
    format: Format,
    message: Message,
}

impl Writer for EventWriter {
    fn structure(&mut self, member: &'static Member, value: &dyn WriteStructure) {
        let root = member.shape().name;
        let members = member.shape().members();
        let has_payload = members.iter().any(|member| member.location == Location::EventPayload);
        let has_body = members.iter().any(|member| member.location == Location::Body);
        let mut parts = PartsWriter::new(self.format, root);
        value.write_members(&mut parts);
        let event_headers = std::mem::take(&mut parts.event_headers);
        let (payload, content_type) = match parts.payload.take() {
            Some(Payload::Document(document)) => (document.into_parts().0, self.format.content_type()),
            Some(Payload::Text(text)) => (text.into_bytes(), "text/plain"),
            Some(Payload::Blob(bytes)) => (bytes, "application/octet-stream"),
            Some(Payload::Stream(_) | Payload::Events(_)) | None if has_payload || !has_body => {
                (Vec::new(), "")
            }
            _ => (parts.into_document(root).into_parts().0, self.format.content_type()),
        };
        self.message = message("event", ":event-type", member.wire(), content_type, payload);
        if content_type.is_empty() {
            self.message.headers.pop();
        }
        let event_headers = event_headers.into_iter().map(|(name, value)| (name.to_owned(), value));
        self.message.headers.extend(event_headers);
    }

    // The members of an event stream's union are structures.
    fn boolean(&mut self, _member: &'static Member, _value: bool) {}
    fn integer(&mut self, _member: &'static Member, _value: i32) {}
    fn long(&mut self, _member: &'static Member, _value: i64) {}
    fn double(&mut self, _member: &'static Member, _value: f64) {}
    fn string(&mut self, _member: &'static Member, _value: &str) {}
    fn blob(&mut self, _member: &'static Member, _value: &[u8]) {}
    fn timestamp(&mut self, _member: &'static Member, _value: Timestamp) {}
    fn document(&mut self, _member: &'static Member, _json: &str) {}
    fn list(&mut self, _member: &'static Member, _len: usize, _items: &mut dyn FnMut(&mut dyn Writer)) {}
    fn map(&mut self, _member: &'static Member, _len: usize, _entries: &mut dyn FnMut(&mut dyn Writer)) {}
    fn key(&mut self, _key: &str) {}
}
