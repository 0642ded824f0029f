//! A model (botocore's C2J form) as typed values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Result;

/// A service's model.
pub(super) struct Model {
    metadata: Value,
    /// By name.
    pub operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
}

/// An operation.
pub(super) struct Operation {
    /// The input's shape, when it has one.
    pub input: Option<String>,
    /// The output's shape, when it has one.
    pub output: Option<String>,
    /// The root element of the input in XML (`locationName`).
    pub input_root: Option<String>,
    /// The element around the output in XML (`resultWrapper`), or its root (`locationName`).
    pub output_root: Option<String>,
    /// The output in XML is the element of its one member, nothing around it.
    pub unwrapped: bool,
    /// The shapes of its errors.
    pub errors: Vec<String>,
    /// For example `POST`.
    pub http_method: String,
    /// For example `/`.
    pub http_uri: String,
    /// The status of success.
    pub http_status: u64,
    /// Requests carry no signature.
    pub unsigned: bool,
    /// Signatures need not cover the body.
    pub unsigned_payload: bool,
    /// `httpChecksum`.
    pub checksum: Option<Checksum>,
}

/// What an operation does with checksums of bodies.
pub(super) struct Checksum {
    /// The member that names the request's algorithm.
    pub request_algorithm: Option<String>,
    /// A request must have one.
    pub request_required: bool,
    /// The member that asks for the answer's.
    pub validation_mode: Option<String>,
    /// The algorithms of answers.
    pub response_algorithms: Vec<String>,
}

/// A shape.
pub(super) struct Shape {
    /// The model's name for it.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The least length or value.
    pub min: Option<i64>,
    /// The greatest length or value.
    pub max: Option<i64>,
    /// A regular expression.
    pub pattern: Option<String>,
    /// Its values are secret.
    pub sensitive: bool,
    /// A union whose values are the messages of an event stream.
    pub event_stream: bool,
    /// When it is an error.
    pub error: Option<ErrorTraits>,
}

/// What makes a structure an error.
pub(super) struct ErrorTraits {
    /// The code in the query protocol.
    pub code: Option<String>,
    /// The HTTP status.
    pub http_status: u64,
    /// The caller is at fault.
    pub sender_fault: bool,
}

/// What a shape is.
pub(super) enum Kind {
    Boolean,
    Integer,
    Long,
    Float,
    Double,
    String,
    Enum(Vec<String>),
    Blob,
    Timestamp,
    Document,
    List(Member),
    Map(Member, Member),
    Structure { members: Vec<Member>, union: bool },
}

/// A use of a shape.
pub(super) struct Member {
    /// Its name; `member`, `key`, `value` in lists and maps.
    pub name: String,
    /// The name of the shape.
    pub shape: String,
    /// The caller must send it.
    pub required: bool,
    /// `locationName`.
    pub wire_name: Option<String>,
    /// `queryName`.
    pub query_name: Option<String>,
    /// `location`, or `payload`.
    pub location: Option<String>,
    /// Items stand directly in the parent.
    pub flattened: bool,
    /// Written as an attribute.
    pub xml_attribute: bool,
    /// The member's or its shape's `timestampFormat`.
    pub timestamp_format: Option<String>,
    /// SDKs fill it in.
    pub idempotency_token: bool,
    /// Bytes that are not held in memory together.
    pub streaming: bool,
    /// A header holds JSON in base64.
    pub json_value: bool,
    /// The namespace of its element in XML: its prefix, if it has one, and its URI.
    pub xml_namespace: Option<(Option<String>, String)>,
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let items = value.get(key).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

impl Model {
    /// Reads a model.
    pub(super) fn parse(value: &Value) -> Result<Self> {
        let raw = value.get("shapes").and_then(Value::as_object).ok_or("the model has no shapes")?;
        let mut shapes = BTreeMap::new();
        for (name, shape) in raw {
            let parsed = Shape::parse(name, shape, raw).map_err(|error| format!("{name}: {error}"))?;
            shapes.insert(name.clone(), parsed);
        }
        let mut operations = BTreeMap::new();
        for (name, operation) in
            value.get("operations").and_then(Value::as_object).ok_or("the model has no operations")?
        {
            operations.insert(name.clone(), Operation::parse(operation));
        }
        let metadata = value.get("metadata").cloned().ok_or("the model has no metadata")?;
        Ok(Self { metadata, operations, shapes })
    }

    /// A text of the metadata.
    pub(super) fn metadata(&self, key: &str) -> Option<String> {
        text(&self.metadata, key)
    }

    /// A list of the metadata.
    pub(super) fn metadata_list(&self, key: &str) -> Vec<String> {
        texts(&self.metadata, key)
    }

    /// The shape of this name.
    pub(super) fn shape(&self, name: &str) -> Result<&Shape> {
        self.shapes.get(name).ok_or_else(|| format!("the model has no shape {name}").into())
    }

    /// The operation of this name.
    pub(super) fn operation(&self, name: &str) -> Result<&Operation> {
        self.operations.get(name).ok_or_else(|| format!("the model has no operation {name}").into())
    }

    /// The shapes that the operations' inputs, outputs and errors (those with more than a message) are made of.
    pub(super) fn reachable(&self, operations: &[String]) -> Result<Vec<&Shape>> {
        let mut reached = BTreeSet::new();
        for name in operations {
            let operation = self.operation(name)?;
            for shape in operation.input.iter().chain(&operation.output) {
                self.reach(shape, &mut reached)?;
            }
            for error in &operation.errors {
                if self
                    .shape(error)?
                    .members()
                    .iter()
                    .any(|member| !member.name.eq_ignore_ascii_case("message"))
                {
                    self.reach(error, &mut reached)?;
                }
            }
        }
        let shapes = reached.iter().map(|name| self.shape(name)).collect::<Result<Vec<_>>>()?;
        for shape in &shapes {
            if shape.sensitive && !matches!(shape.kind, Kind::String | Kind::Blob) {
                return Err(
                    format!("{}: only text and bytes can be sensitive; patch the model", shape.name).into()
                );
            }
        }
        Ok(shapes)
    }

    fn reach(&self, name: &str, reached: &mut BTreeSet<String>) -> Result {
        if reached.insert(name.to_owned()) {
            for member in self.shape(name)?.uses() {
                self.reach(&member.shape, reached)?;
            }
        }
        Ok(())
    }

    /// Values of the shape hold secrets somewhere.
    pub(super) fn holds_secrets(&self, name: &str) -> Result<bool> {
        let mut reached = BTreeSet::new();
        self.reach(name, &mut reached)?;
        for name in &reached {
            if self.shape(name)?.sensitive {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Values of the shape hold a stream somewhere.
    pub(super) fn holds_streams(&self, name: &str) -> Result<bool> {
        let mut reached = BTreeSet::new();
        self.reach(name, &mut reached)?;
        for name in &reached {
            let shape = self.shape(name)?;
            if shape.event_stream || shape.members().iter().any(|member| member.streaming) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The required members of an operation's input that stand in the query string or in a header: what tells
    /// operations of one method and URI from each other.
    pub(super) fn selectors(&self, operation: &Operation) -> Result<Vec<&Member>> {
        let Some(input) = &operation.input else { return Ok(Vec::new()) };
        let selects = |member: &&Member| {
            member.required && matches!(member.location.as_deref(), Some("querystring" | "header"))
        };
        Ok(self.shape(input)?.members().iter().filter(selects).collect())
    }

    /// A structure that holds itself without a list or map between must be boxed there.
    pub(super) fn is_boxed(&self, holder: &str, held: &str) -> Result<bool> {
        let mut seen = BTreeSet::new();
        let mut open = vec![held.to_owned()];
        while let Some(name) = open.pop() {
            if name == holder {
                return Ok(true);
            }
            if seen.insert(name.clone()) {
                open.extend(self.shape(&name)?.members().iter().map(|member| member.shape.clone()));
            }
        }
        Ok(false)
    }
}

impl Operation {
    fn parse(value: &Value) -> Self {
        let shape = |key: &str| value.get(key).and_then(|member| text(member, "shape"));
        let http = value.get("http").unwrap_or(&Value::Null);
        let errors = value.get("errors").and_then(Value::as_array);
        let output = value.get("output");
        let checksum = value.get("httpChecksum").map(|checksum| Checksum {
            request_algorithm: text(checksum, "requestAlgorithmMember"),
            request_required: flag(checksum, "requestChecksumRequired"),
            validation_mode: text(checksum, "requestValidationModeMember"),
            response_algorithms: texts(checksum, "responseAlgorithms"),
        });
        let required = flag(value, "httpChecksumRequired").then_some(Checksum {
            request_algorithm: None,
            request_required: true,
            validation_mode: None,
            response_algorithms: Vec::new(),
        });
        Self {
            input: shape("input"),
            output: shape("output"),
            input_root: value.get("input").and_then(|input| text(input, "locationName")),
            output_root: output.and_then(|it| text(it, "resultWrapper").or_else(|| text(it, "locationName"))),
            unwrapped: output.is_some_and(|output| flag(output, "unwrapped")),
            errors: errors.into_iter().flatten().filter_map(|error| text(error, "shape")).collect(),
            http_method: text(http, "method").unwrap_or_else(|| "POST".to_owned()),
            http_uri: text(http, "requestUri").unwrap_or_else(|| "/".to_owned()),
            http_status: http.get("responseCode").and_then(Value::as_u64).unwrap_or(200),
            unsigned: text(value, "authtype").is_some_and(|kind| kind == "none"),
            unsigned_payload: flag(value, "unsignedPayload"),
            checksum: checksum.or(required),
        }
    }
}

impl Shape {
    fn parse(name: &str, value: &Value, shapes: &serde_json::Map<String, Value>) -> Result<Self> {
        let use_of = |name: &str, key: &str| -> Result<Member> {
            Ok(Member::parse(name, value.get(key).ok_or(format!("it has no {key}"))?, shapes))
        };
        let kind = match text(value, "type").unwrap_or_default().as_str() {
            "boolean" => Kind::Boolean,
            "integer" => Kind::Integer,
            "long" => Kind::Long,
            "float" => Kind::Float,
            "double" => Kind::Double,
            "string" if value.get("enum").is_some() => Kind::Enum(texts(value, "enum")),
            "string" | "character" => Kind::String,
            "blob" => Kind::Blob,
            "timestamp" => Kind::Timestamp,
            "list" => Kind::List(use_of("member", "member")?),
            "map" => Kind::Map(use_of("key", "key")?, use_of("value", "value")?),
            "structure" if flag(value, "document") => Kind::Document,
            "structure" => {
                let required = texts(value, "required");
                let payload = text(value, "payload");
                let mut members = Vec::new();
                for (name, member) in value.get("members").and_then(Value::as_object).into_iter().flatten() {
                    let mut member = Member::parse(name, member, shapes);
                    member.required = required.contains(name);
                    if payload.as_deref() == Some(name) {
                        member.location = Some("payload".to_owned());
                    }
                    members.push(member);
                }
                Kind::Structure { members, union: flag(value, "union") }
            }
            other => return Err(format!("the type `{other}` is not known").into()),
        };
        Ok(Self {
            name: name.to_owned(),
            kind,
            min: value.get("min").and_then(Value::as_i64),
            max: value.get("max").and_then(Value::as_i64),
            pattern: text(value, "pattern"),
            sensitive: flag(value, "sensitive"),
            event_stream: flag(value, "eventstream"),
            error: flag(value, "exception").then(|| ErrorTraits::parse(value)),
        })
    }

    /// The members of a structure; none for another shape.
    pub(super) fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Structure { members, .. } => members,
            _ => &[],
        }
    }

    /// Every use of another shape.
    fn uses(&self) -> Vec<&Member> {
        match &self.kind {
            Kind::List(element) => vec![element],
            Kind::Map(key, value) => vec![key, value],
            _ => self.members().iter().collect(),
        }
    }
}

impl ErrorTraits {
    fn parse(value: &Value) -> Self {
        let fault = flag(value, "fault");
        let traits = value.get("error").unwrap_or(&Value::Null);
        Self {
            code: text(traits, "code"),
            http_status: traits.get("httpStatusCode").and_then(Value::as_u64).unwrap_or(if fault {
                500
            } else {
                400
            }),
            sender_fault: traits.get("senderFault").and_then(Value::as_bool).unwrap_or(!fault),
        }
    }
}

impl Member {
    fn parse(name: &str, value: &Value, shapes: &serde_json::Map<String, Value>) -> Self {
        let shape = text(value, "shape").unwrap_or_default();
        let target = shapes.get(&shape).unwrap_or(&Value::Null);
        let event = ["eventpayload", "eventheader"].into_iter().find(|key| flag(value, key));
        let namespace = value.get("xmlNamespace").or_else(|| target.get("xmlNamespace"));
        let namespace = namespace.and_then(|it| Some((text(it, "prefix"), text(it, "uri")?)));
        Self {
            name: name.to_owned(),
            required: false,
            wire_name: text(value, "locationName"),
            query_name: text(value, "queryName"),
            location: text(value, "location").or_else(|| event.map(str::to_owned)),
            flattened: flag(value, "flattened") || flag(target, "flattened"),
            xml_attribute: flag(value, "xmlAttribute"),
            timestamp_format: text(value, "timestampFormat").or_else(|| text(target, "timestampFormat")),
            idempotency_token: flag(value, "idempotencyToken"),
            streaming: flag(value, "streaming") || flag(target, "streaming"),
            json_value: flag(value, "jsonvalue"),
            xml_namespace: namespace,
            shape,
        }
    }
}
