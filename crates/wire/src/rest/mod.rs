//! restJson1 and restXml: an operation is a method and a URI; its members stand in the path, the query string, headers
//! and the body.
//!
//! Sources: Smithy 2.0 specification, "HTTP binding traits", "AWS restJson1 protocol", "AWS restXml protocol",
//! "Amazon S3 customizations"; Amazon S3 API Reference, "Error responses".

mod check;
mod error;
mod head;
mod read;
mod route;
mod text;
mod write;

pub use error::Refused;
pub use head::RestHead;
pub use read::{RequestBody, RestReader};
pub use route::{Routed, Routes};

use garrison_schema::{Location, OperationSchema, Protocol, ServiceSchema, WriteStructure};

use crate::answer::{Answer, Body};
use crate::event_stream::EventBody;
use crate::xml::XmlWriter;
use text::TextWriter;
pub(crate) use write::{Format, PartsWriter, Payload};

/// A protocol whose operations are methods and URIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RestCodec {
    /// restJson1.
    RestJson,
    /// restXml.
    RestXml,
    /// restXml as S3 speaks it: other errors and other headers.
    S3,
}

impl RestCodec {
    /// The codec of a service; `None` when it speaks neither protocol.
    pub fn of(service: &ServiceSchema) -> Option<Self> {
        service.protocols.iter().find_map(|protocol| match protocol {
            Protocol::RestJson => Some(Self::RestJson),
            Protocol::RestXml if service.service_id == "S3" => Some(Self::S3),
            Protocol::RestXml => Some(Self::RestXml),
            _ => None,
        })
    }

    /// A reader of the request that was routed to an operation, for its input.
    pub fn reader<'a>(self, head: &'a RestHead<'a>, routed: &'a Routed, body: RequestBody) -> RestReader<'a> {
        RestReader::new(self, head, routed, body)
    }

    fn format(self, service: &'static ServiceSchema) -> Format {
        match self {
            Self::RestJson => Format::Json,
            Self::RestXml | Self::S3 => Format::Xml(service.xml_namespace),
        }
    }

    /// The answer of a successful call. A streamed body is taken out of the output.
    pub fn encode_output(
        self,
        service: &'static ServiceSchema,
        operation: &'static OperationSchema,
        output: &dyn WriteStructure,
        request_id: &str,
    ) -> Answer {
        let format = self.format(service);
        let root = operation.output_member.wire();
        let mut parts = PartsWriter::new(format, root);
        output.write_members(&mut parts);
        let mut answer = Answer::empty(parts.status.unwrap_or(operation.http_status));
        for (name, value) in parts.headers.drain(..) {
            answer.header(name, value);
        }
        self.add_ids(&mut answer, request_id);
        if operation.http_method == "HEAD" {
            return answer;
        }
        let in_body = output.shape().members().iter().any(|member| member.location == Location::Body);
        match parts.payload.take() {
            Some(Payload::Document(document)) => answer.set_body(document, format.content_type()),
            Some(Payload::Text(text)) => {
                answer.body = Body::Bytes(text.into_bytes());
                // S3's one such answer is a bucket's policy.
                answer.default_type(if self == Self::S3 { "application/json" } else { "text/plain" });
            }
            Some(Payload::Blob(bytes)) => {
                answer.body = Body::Bytes(bytes);
                answer.default_type("application/octet-stream");
            }
            Some(Payload::Stream(stream)) => {
                answer.body = Body::Stream(stream);
                answer.default_type("application/octet-stream");
            }
            Some(Payload::Events(events)) => {
                EventBody::new(events, operation, format, None).into_answer(&mut answer)
            }
            None if operation.http.unwrapped => {
                answer.set_body(unwrapped(output, format), format.content_type())
            }
            None if in_body => answer.set_body(parts.into_document(root), format.content_type()),
            None => {}
        }
        answer
    }
}

/// The element of an output's one member, with nothing around it.
fn unwrapped(output: &dyn WriteStructure, format: Format) -> crate::buffer::Buffer {
    let mut texts = TextWriter::default();
    output.write_members(&mut texts);
    let mut writer = XmlWriter::default();
    let name = output.shape().members().first().map_or("", |member| member.wire());
    writer.declare();
    writer.open_with_namespace(name, format.namespace());
    texts.texts.iter().for_each(|text| writer.escape(text));
    writer.close(name);
    writer.finish()
}
