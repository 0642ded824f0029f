//! Shapes, members, operations and services: the const form of an interface model.
//!
//! Source: Smithy 2.0 specification, "Simple types", "Aggregate types", "Constraint traits", "HTTP bindings";
//! the C2J form of the same models in botocore.

use crate::read::Structure;

/// One shape of a model.
#[derive(Debug)]
pub struct Shape {
    /// The model's name for it, for example `KeyIdType`.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// What its values must satisfy.
    pub constraints: Constraints,
    /// Its values are secret: never in a log, an error message or an audit record.
    pub sensitive: bool,
    /// A union whose values are the messages of an event stream.
    pub event_stream: bool,
}

/// What a shape is, with what it is made of.
#[derive(Debug)]
pub enum Kind {
    /// `bool`.
    Boolean,
    /// `i32`.
    Integer,
    /// `i64`.
    Long,
    /// `f32`.
    Float,
    /// `f64`.
    Double,
    /// UTF-8 text.
    String,
    /// Text that must be one of these values, in the model's order.
    Enum(&'static [&'static str]),
    /// Bytes; base64 in most protocols.
    Blob,
    /// A point in time.
    Timestamp,
    /// A list of one element type.
    List(&'static Member),
    /// A map from a string (or enum) to one value type: the key, then the value.
    Map(&'static Member, &'static Member),
    /// A structure or, with `union`, exactly one of its members.
    Structure {
        /// The members in the model's order; a member's `index` is its place here.
        members: &'static [Member],
        /// Exactly one member may be set.
        union: bool,
    },
    /// Any JSON value, kept as its text.
    Document,
}

impl Shape {
    /// A shape without constraints.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, constraints: Constraints::NONE, sensitive: false, event_stream: false }
    }

    /// A structure of these members.
    pub const fn structure(name: &'static str, members: &'static [Member]) -> Self {
        Self::new(name, Kind::Structure { members, union: false })
    }

    /// A structure of which exactly one member may be set.
    pub const fn union(name: &'static str, members: &'static [Member]) -> Self {
        Self::new(name, Kind::Structure { members, union: true })
    }

    /// The shape with a least length or value.
    #[must_use]
    pub const fn min(mut self, min: i64) -> Self {
        self.constraints.min = Some(min);
        self
    }

    /// The shape with a greatest length or value.
    #[must_use]
    pub const fn max(mut self, max: i64) -> Self {
        self.constraints.max = Some(max);
        self
    }

    /// The shape with a pattern that the whole string must match.
    #[must_use]
    pub const fn pattern(mut self, pattern: &'static str) -> Self {
        self.constraints.pattern = Some(pattern);
        self
    }

    /// The shape, with its values secret.
    #[must_use]
    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// The union, with its values the messages of an event stream.
    #[must_use]
    pub const fn event_stream(mut self) -> Self {
        self.event_stream = true;
        self
    }

    /// The members, when it is a structure; otherwise none.
    pub fn members(&'static self) -> &'static [Member] {
        match self.kind {
            Kind::Structure { members, .. } => members,
            _ => &[],
        }
    }
}

/// Constraint traits. Lengths count characters of strings, bytes of blobs and items of lists and maps.
#[derive(Debug, Clone, Copy)]
pub struct Constraints {
    /// The least length or the least value.
    pub min: Option<i64>,
    /// The greatest length or the greatest value.
    pub max: Option<i64>,
    /// A regular expression that the whole string must match, as the model writes it.
    pub pattern: Option<&'static str>,
}

impl Constraints {
    /// No constraint.
    pub const NONE: Self = Self { min: None, max: None, pattern: None };
}

/// A use of a shape: a structure's member, a list's element, a map's key or value.
#[derive(Debug)]
pub struct Member {
    /// The member's name in the model, for example `KeyId`; `member`, `key` and `value` inside lists and maps.
    pub name: &'static str,
    /// Its place among the structure's members.
    pub index: usize,
    /// The name on the wire when it differs from `name` (`locationName`).
    pub wire_name: Option<&'static str>,
    /// The name in the ec2 query protocol (`queryName`).
    pub query_name: Option<&'static str>,
    /// The shape of its values. A function, because models are cyclic and constants may not be.
    pub target: fn() -> &'static Shape,
    /// The caller must send it.
    pub required: bool,
    /// Where it stands in an HTTP message.
    pub location: Location,
    /// List or map items stand directly in the parent (`flattened`).
    pub flattened: bool,
    /// Written as an XML attribute.
    pub xml_attribute: bool,
    /// The form of a timestamp, when it is not the protocol's default.
    pub timestamp_format: Option<TimestampFormat>,
    /// SDKs fill it in when the caller does not: a retry carries the same value.
    pub idempotency_token: bool,
    /// Bytes that are not held in memory together: a [`crate::ByteStream`].
    pub streaming: bool,
    /// A header holds it as JSON in base64 (`jsonvalue`).
    pub json_value: bool,
    /// The namespace that its element declares in XML.
    pub xml_namespace: Option<XmlNamespace>,
}

/// A namespace that an element declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XmlNamespace {
    /// `None`: the default namespace.
    pub prefix: Option<&'static str>,
    /// For example `http://s3.amazonaws.com/doc/2006-03-01/`.
    pub uri: &'static str,
}

impl Member {
    /// An optional member of a document's body, under its own name.
    pub const fn new(name: &'static str, index: usize, target: fn() -> &'static Shape) -> Self {
        Self {
            name,
            index,
            wire_name: None,
            query_name: None,
            target,
            required: false,
            location: Location::Body,
            flattened: false,
            xml_attribute: false,
            timestamp_format: None,
            idempotency_token: false,
            streaming: false,
            json_value: false,
            xml_namespace: None,
        }
    }

    /// The member, which the caller must send.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The member under another name on the wire.
    #[must_use]
    pub const fn wire_name(mut self, name: &'static str) -> Self {
        self.wire_name = Some(name);
        self
    }

    /// The member under another name in the ec2 query protocol.
    #[must_use]
    pub const fn query_name(mut self, name: &'static str) -> Self {
        self.query_name = Some(name);
        self
    }

    /// The member at another place of the HTTP message.
    #[must_use]
    pub const fn location(mut self, location: Location) -> Self {
        self.location = location;
        self
    }

    /// The member, whose items stand directly in the parent.
    #[must_use]
    pub const fn flattened(mut self) -> Self {
        self.flattened = true;
        self
    }

    /// The member, written as an XML attribute.
    #[must_use]
    pub const fn xml_attribute(mut self) -> Self {
        self.xml_attribute = true;
        self
    }

    /// The member with its own form of timestamps.
    #[must_use]
    pub const fn timestamp_format(mut self, format: TimestampFormat) -> Self {
        self.timestamp_format = Some(format);
        self
    }

    /// The member, which SDKs fill in.
    #[must_use]
    pub const fn idempotency_token(mut self) -> Self {
        self.idempotency_token = true;
        self
    }

    /// The member, whose bytes are streamed.
    #[must_use]
    pub const fn streaming(mut self) -> Self {
        self.streaming = true;
        self
    }

    /// The member, which a header holds as JSON in base64.
    #[must_use]
    pub const fn json_value(mut self) -> Self {
        self.json_value = true;
        self
    }

    /// The member, whose element declares a namespace.
    #[must_use]
    pub const fn xml_namespace(mut self, prefix: Option<&'static str>, uri: &'static str) -> Self {
        self.xml_namespace = Some(XmlNamespace { prefix, uri });
        self
    }

    /// The shape of its values.
    pub fn shape(&self) -> &'static Shape {
        (self.target)()
    }

    /// The name on the wire in the JSON, XML, CBOR and query protocols.
    pub const fn wire(&self) -> &'static str {
        match self.wire_name {
            Some(name) => name,
            None => self.name,
        }
    }
}

/// Where a member stands in an HTTP message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Location {
    /// In the body's document.
    Body,
    /// In a header of this name.
    Header(&'static str),
    /// In all headers that begin with this prefix.
    HeaderPrefix(&'static str),
    /// In a label of the URI.
    Uri(&'static str),
    /// In a query-string parameter.
    QueryString(&'static str),
    /// It is the whole body.
    Payload,
    /// It is the response's status code.
    StatusCode,
    /// In a header of an event stream's message.
    EventHeader,
    /// It is the whole payload of an event stream's message.
    EventPayload,
}

/// How a timestamp is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampFormat {
    /// Seconds since the epoch with a fraction: JSON and CBOR.
    EpochSeconds,
    /// RFC 3339 in UTC: query and XML.
    DateTime,
    /// RFC 7231 IMF-fixdate: headers.
    HttpDate,
}

/// A protocol of AWS's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// awsJson 1.0: `X-Amz-Target`, JSON.
    Json10,
    /// awsJson 1.1.
    Json11,
    /// awsQuery: a form in, XML out.
    Query,
    /// ec2Query.
    Ec2,
    /// restJson1.
    RestJson,
    /// restXml.
    RestXml,
    /// Smithy RPC v2 CBOR.
    RpcV2Cbor,
}

/// A service: what the gateway needs to find it and to answer in its form.
#[derive(Debug)]
pub struct ServiceSchema {
    /// Garrison's short name, also the ARN's and the IAM action's prefix, for example `kms`.
    pub name: &'static str,
    /// The name in the credential scope of signatures.
    pub signing_name: &'static str,
    /// The first label of its endpoints' host names.
    pub endpoint_prefix: &'static str,
    /// The Smithy service id, for example `KMS`.
    pub service_id: &'static str,
    /// For example `AWS Key Management Service`.
    pub full_name: &'static str,
    /// The `X-Amz-Target` prefix of the JSON protocols, for example `TrentService`.
    pub target_prefix: Option<&'static str>,
    /// For example `2014-11-01`.
    pub api_version: &'static str,
    /// The namespace of XML answers.
    pub xml_namespace: Option<&'static str>,
    /// CloudTrail's name for it, for example `kms.amazonaws.com`.
    pub event_source: &'static str,
    /// The protocols that it answers, the model's first choice first.
    pub protocols: &'static [Protocol],
    /// Every operation in the manifest, built or not, sorted by name.
    pub operations: &'static [&'static OperationSchema],
}

/// An operation.
#[derive(Debug)]
pub struct OperationSchema {
    /// For example `Encrypt`.
    pub name: &'static str,
    /// The input structure.
    pub input: fn() -> &'static Shape,
    /// The output structure.
    pub output: fn() -> &'static Shape,
    /// The member that stands for the input as a whole (for readers and writers).
    pub input_member: &'static Member,
    /// The member that stands for the output as a whole; its wire name is the XML wrapper (`…Result`).
    pub output_member: &'static Member,
    /// The errors that the model lists for it.
    pub errors: &'static [&'static ErrorSchema],
    /// For example `POST`.
    pub http_method: &'static str,
    /// The URI template, `/` in the RPC protocols.
    pub http_uri: &'static str,
    /// The status of a successful answer.
    pub http_status: u16,
    /// The request carries no signature: whoever calls shows other proof in it (`smithy.api#noAuth`).
    pub unsigned: bool,
    /// What the HTTP protocols need to know besides.
    pub http: HttpTraits,
}

impl OperationSchema {
    /// The member of the input whose bytes are streamed: the body of the request.
    pub fn streaming_input(&self) -> Option<&'static Member> {
        (self.input)().members().iter().find(|member| member.streaming)
    }

    /// The member of the output that is an event stream.
    pub fn event_output(&self) -> Option<&'static Member> {
        (self.output)().members().iter().find(|member| member.shape().event_stream)
    }
}

/// What the HTTP protocols, restJson1 and restXml, need to know of an operation.
#[derive(Debug, Clone, Copy)]
pub struct HttpTraits {
    /// The query parameters and headers that a request must have: what tells operations of one method and URI from
    /// each other.
    pub selectors: &'static [Location],
    /// What it does with checksums of bodies.
    pub checksum: Option<Checksum>,
    /// Signatures need not cover the body (`aws.auth#unsignedPayload`).
    pub unsigned_payload: bool,
    /// The output in XML is the element of its one member, with nothing around it
    /// (`aws.customizations#s3UnwrappedXmlOutput`).
    pub unwrapped: bool,
}

impl HttpTraits {
    /// None of them.
    pub const NONE: Self = Self { selectors: &[], checksum: None, unsigned_payload: false, unwrapped: false };

    /// With query parameters and headers that a request must have.
    #[must_use]
    pub const fn selectors(mut self, selectors: &'static [Location]) -> Self {
        self.selectors = selectors;
        self
    }

    /// With checksums.
    #[must_use]
    pub const fn checksum(mut self, checksum: Checksum) -> Self {
        self.checksum = Some(checksum);
        self
    }

    /// With a body that signatures need not cover.
    #[must_use]
    pub const fn unsigned_payload(mut self) -> Self {
        self.unsigned_payload = true;
        self
    }

    /// With an output that nothing stands around.
    #[must_use]
    pub const fn unwrapped(mut self) -> Self {
        self.unwrapped = true;
        self
    }
}

/// What an operation does with checksums of bodies: `aws.protocols#httpChecksum`.
#[derive(Debug, Clone, Copy)]
pub struct Checksum {
    /// The member of the input that names the algorithm of the request's checksum.
    pub request_algorithm: Option<&'static str>,
    /// A request must have a checksum.
    pub request_required: bool,
    /// The member of the input that asks for the answer's checksum.
    pub validation_mode: Option<&'static str>,
    /// The algorithms that an answer's checksum may have.
    pub response_algorithms: &'static [&'static str],
}

/// An error shape.
#[derive(Debug)]
pub struct ErrorSchema {
    /// The shape's name, for example `NotFoundException`: `__type` in JSON.
    pub name: &'static str,
    /// The code in query and XML answers when it differs from the name.
    pub query_code: Option<&'static str>,
    /// The HTTP status.
    pub http_status: u16,
    /// The caller is at fault (`Sender`), not the service.
    pub sender_fault: bool,
}

impl ErrorSchema {
    /// The code that clients see in the query and XML protocols.
    pub const fn code(&self) -> &'static str {
        match self.query_code {
            Some(code) => code,
            None => self.name,
        }
    }
}

/// An operation as a type: what it takes and gives. Implemented by generated marker types.
pub trait Operation: Send + Sync + 'static {
    /// What it takes.
    type Input: Structure;
    /// What it gives.
    type Output: Structure;
    /// What the model says of it.
    const SCHEMA: &'static OperationSchema;
}
