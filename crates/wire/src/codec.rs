//! What a front door uses: one value per protocol that is built.

use garrison_schema::{
    ApiError, Issues, Kind, Member, Operation, OperationSchema, Protocol, ReadError, Reader, Segment,
    ServiceSchema, Structure, WriteStructure,
};

use crate::answer::{Answer, Body};
use crate::buffer::Encoded;
use crate::cbor::{self, CborReader};
use crate::event_stream::EventBody;
use crate::json::{self, JsonReader};
use crate::query::{self, QueryReader};
use crate::rest::{Format, PartsWriter, Payload};

/// A protocol whose requests can be read and whose answers can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// awsJson 1.0.
    Json10,
    /// awsJson 1.1.
    Json11,
    /// awsQuery.
    Query,
    /// Smithy RPC v2 CBOR.
    RpcV2Cbor,
}

/// A reader of one request's body.
pub enum BodyReader<'a> {
    /// Of JSON.
    Json(JsonReader<'a>),
    /// Of a form.
    Query(QueryReader<'a>),
    /// Of CBOR.
    Cbor(CborReader<'a>),
}

impl<'a> BodyReader<'a> {
    /// The reader for generated code.
    pub fn as_reader(&mut self) -> &mut (dyn Reader + 'a) {
        match self {
            Self::Json(reader) => reader,
            Self::Query(reader) => reader,
            Self::Cbor(reader) => reader,
        }
    }
}

type Headers = &'static [(&'static str, &'static str)];

impl Codec {
    /// The codec of a protocol. `None` for ec2, which is not built yet, and for restJson1 and restXml, which bind
    /// members to other places of the HTTP message than the body: [`crate::rest::RestCodec`].
    pub const fn of(protocol: Protocol) -> Option<Self> {
        match protocol {
            Protocol::Json10 => Some(Self::Json10),
            Protocol::Json11 => Some(Self::Json11),
            Protocol::Query => Some(Self::Query),
            Protocol::RpcV2Cbor => Some(Self::RpcV2Cbor),
            Protocol::Ec2 | Protocol::RestJson | Protocol::RestXml => None,
        }
    }

    /// A reader of the body. In the query protocol the body is the form, which a GET has in its query string.
    ///
    /// # Errors
    /// The body cannot be one of the protocol, whatever the operation.
    pub fn reader<'a>(self, body: &'a [u8]) -> Result<BodyReader<'a>, ReadError> {
        Ok(match self {
            Self::Json10 | Self::Json11 => BodyReader::Json(JsonReader::new(body)?),
            Self::Query => BodyReader::Query(QueryReader::new(body)?),
            Self::RpcV2Cbor => BodyReader::Cbor(CborReader::new(body)),
        })
    }

    /// The answer of a successful call.
    pub fn encode_output(
        self,
        service: &'static ServiceSchema,
        operation: &'static OperationSchema,
        output: &dyn WriteStructure,
        request_id: &str,
    ) -> Encoded {
        let body = match self {
            Self::Json10 | Self::Json11 => json::output_body(output),
            Self::Query => query::output_body(service, operation, output, request_id),
            Self::RpcV2Cbor => cbor::output_body(output),
        };
        body.finish(operation.http_status, self.headers())
    }

    /// The answer of a successful call, its body a stream when the operation answers with an event stream: first a
    /// message of the output's other members, then one for each event.
    pub fn answer(
        self,
        service: &'static ServiceSchema,
        operation: &'static OperationSchema,
        output: &dyn WriteStructure,
        request_id: &str,
    ) -> Answer {
        let mut answer = Answer::from(self.encode_output(service, operation, output, request_id));
        let (format, content_type) = match self {
            Self::RpcV2Cbor => (Format::Cbor, "application/cbor"),
            Self::Json10 | Self::Json11 | Self::Query => (Format::Json, "application/json"),
        };
        let mut parts = PartsWriter::new(format, "");
        if operation.event_output().is_some() {
            output.write_members(&mut parts);
        }
        if let (Some(Payload::Events(events)), Body::Bytes(initial)) = (parts.payload, &mut answer.body) {
            let initial = Some((std::mem::take(initial), content_type));
            answer.headers.retain(|(name, _)| name != "content-type");
            EventBody::new(events, operation, format, initial).into_answer(&mut answer);
        }
        answer
    }

    /// The answer of a failed call; `service` is `None` when the request did not name one.
    pub fn encode_error(
        self,
        service: Option<&'static ServiceSchema>,
        error: &ApiError,
        request_id: &str,
    ) -> Encoded {
        let body = match self {
            Self::Json10 | Self::Json11 => json::error_body(error),
            Self::Query => query::error_body(service, error, request_id),
            Self::RpcV2Cbor => cbor::error_body(error),
        };
        body.finish(error.schema.http_status, self.headers())
    }

    /// The headers of every answer of the protocol.
    const fn headers(self) -> Headers {
        match self {
            Self::Json10 => &[("content-type", "application/x-amz-json-1.0")],
            Self::Json11 => &[("content-type", "application/x-amz-json-1.1")],
            Self::Query => &[("content-type", "text/xml")],
            Self::RpcV2Cbor => &[("content-type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")],
        }
    }
}

/// Reads the input of an operation, and what was missing in it.
///
/// # Errors
/// The body is not one of the protocol, or a value has another type than the model says.
pub fn decode<O: Operation>(codec: Codec, body: &[u8]) -> Result<(O::Input, Issues), ReadError> {
    let mut reader = codec.reader(body)?;
    let reader = reader.as_reader();
    let input = O::Input::read(reader, O::SCHEMA.input_member)?;
    Ok((input, std::mem::take(reader.issues())))
}

/// The segment to note for a value in which something may be missing; a scalar is worth none.
pub(crate) fn segment(member: &'static Member, segment: impl FnOnce() -> Segment) -> Option<Segment> {
    matches!(member.shape().kind, Kind::Structure { .. } | Kind::List(_) | Kind::Map(..)).then(segment)
}
