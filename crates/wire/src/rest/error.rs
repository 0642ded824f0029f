//! Errors as restJson1, restXml and S3 answer them.

use base64_simd::STANDARD;
use garrison_schema::{ApiError, ErrorSchema, ReadError, ServiceSchema};

use super::write::DocumentWriter;
use super::{Format, PartsWriter, RestCodec};
use crate::answer::Answer;
use crate::buffer::Buffer;
use crate::json;
use crate::xml::XmlWriter;

/// What an error's answer says of its request.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// The request's id.
    pub request_id: &'a str,
    /// The path of the request, with the bucket before it; S3 repeats it.
    pub resource: &'a str,
    /// The request was a HEAD: the answer has no body.
    pub is_head: bool,
}

impl RestCodec {
    /// The answer of a failed call; `service` is `None` when the request did not name one.
    pub fn encode_error(
        self,
        service: Option<&'static ServiceSchema>,
        error: &ApiError,
        refused: &Refused<'_>,
    ) -> Answer {
        let namespace = service.and_then(|service| service.xml_namespace);
        let format = if self == Self::RestJson { Format::Json } else { Format::Xml(namespace) };
        let mut parts = PartsWriter::over(format, self.begin(namespace, error));
        if let Some(members) = &error.members {
            members.write_members(&mut parts);
        }
        let mut answer = Answer::empty(error.schema.http_status);
        for (name, value) in parts.headers {
            answer.header(name, value);
        }
        self.add_ids(&mut answer, refused.request_id);
        if self == Self::RestJson {
            answer.header("x-amzn-errortype", error.schema.name);
        }
        // RFC 9110 section 15.4.5: an answer 304 has no body.
        if !refused.is_head && error.schema.http_status != 304 {
            answer.set_body(self.end(parts.body, refused), format.content_type());
        }
        answer
    }

    /// The body of an error up to its other members.
    fn begin(self, namespace: Option<&'static str>, error: &ApiError) -> DocumentWriter {
        if self == Self::RestJson {
            return DocumentWriter::Json(json::error_opened(error));
        }
        let mut writer = XmlWriter::default();
        writer.declare();
        if self == Self::RestXml {
            writer.open_with_namespace("ErrorResponse", namespace);
        }
        writer.open("Error");
        if self == Self::RestXml {
            writer.text_element("Type", if error.schema.sender_fault { "Sender" } else { "Receiver" });
        }
        writer.text_element("Code", error.schema.code());
        writer.text_element("Message", &error.message);
        DocumentWriter::Xml(writer)
    }

    /// The body, with what stands after its other members.
    fn end(self, body: DocumentWriter, refused: &Refused<'_>) -> Buffer {
        let mut writer = match body {
            DocumentWriter::Xml(writer) => writer,
            DocumentWriter::Json(writer) => return writer.closed(),
            DocumentWriter::Cbor(writer) => return writer.closed(),
        };
        if self == Self::RestXml {
            writer.close("Error");
        } else {
            writer.text_element("Resource", refused.resource);
        }
        writer.text_element("RequestId", refused.request_id);
        writer.text_element("HostId", &host_id(refused.request_id));
        writer.close(if self == Self::RestXml { "ErrorResponse" } else { "Error" });
        writer.finish()
    }

    /// The error of a request that cannot be read.
    pub fn unreadable(self, error: ReadError) -> ApiError {
        match self {
            Self::RestJson => ApiError::new(&SERIALIZATION, error.message),
            Self::RestXml | Self::S3 if error.in_head => ApiError::new(&INVALID_ARGUMENT, error.message),
            Self::RestXml | Self::S3 => malformed_xml().with_internal(error.message),
        }
    }

    /// S3 has ids of its own in the headers of every answer.
    pub(super) fn add_ids(self, answer: &mut Answer, request_id: &str) {
        if matches!(self, Self::S3 | Self::RestXml) {
            answer.header("x-amz-request-id", request_id);
            answer.header("x-amz-id-2", host_id(request_id));
        }
    }
}

/// S3's second id of a request, which on AWS names the host that answered.
fn host_id(request_id: &str) -> String {
    STANDARD.encode_to_string(request_id)
}

/// The error of a body that is not the XML that the operation takes.
pub(super) fn malformed_xml() -> ApiError {
    ApiError::new(
        &MALFORMED_XML,
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

static MALFORMED_XML: ErrorSchema =
    ErrorSchema { name: "MalformedXML", query_code: None, http_status: 400, sender_fault: true };
pub(super) static INVALID_ARGUMENT: ErrorSchema =
    ErrorSchema { name: "InvalidArgument", query_code: None, http_status: 400, sender_fault: true };
static SERIALIZATION: ErrorSchema =
    ErrorSchema { name: "SerializationException", query_code: None, http_status: 400, sender_fault: true };
