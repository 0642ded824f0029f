//! lib.rs, operations.rs and errors.rs of a service.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Result;
use super::manifest::Manifest;
use super::model::{Model, Operation};
use super::names::{constant, function, literal, type_name};
use super::types::imports;

/// lib.rs: the service and its operations as a Rust enum.
pub(super) fn lib_rs(model: &Model, manifest: &Manifest) -> Result<String> {
    let full_name = model.metadata("serviceFullName").ok_or("the model has no serviceFullName")?;
    let version = model.metadata("apiVersion").ok_or("the model has no apiVersion")?;
    let mut out = format!(
        "//! The interface of {full_name} (`{}`), version {version}: types, the model as constants, one dynamic
//! read and write per structure.\n//!\n//! No protocol, no storage, no behaviour.

mod codec;
pub mod errors;
pub mod operations;
pub mod schema;
pub mod types;

use garrison_schema::{{OperationSchema, Protocol, ServiceSchema}};

",
        manifest.service
    );
    service(&mut out, model, manifest, &full_name, &version)?;
    not_built(&mut out, manifest)?;
    op(&mut out, manifest)?;
    out.push_str(
        "
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_inputs_compiles() {
        for op in Op::ALL {
            assert_eq!(garrison_schema::validate::bad_patterns((op.schema().input)()), Vec::<&str>::new());
        }
    }
}
",
    );
    Ok(out)
}

fn service(out: &mut String, model: &Model, manifest: &Manifest, full_name: &str, version: &str) -> Result {
    let endpoint = model.metadata("endpointPrefix").ok_or("the model has no endpointPrefix")?;
    let optional =
        |key: &str| model.metadata(key).map_or("None".to_owned(), |text| format!("Some({})", literal(&text)));
    let id = model.metadata("serviceId").ok_or("the model has no serviceId")?;
    let signing = model.metadata("signingName").unwrap_or_else(|| endpoint.clone());
    let event_source = manifest.event_source.clone().unwrap_or_else(|| format!("{endpoint}.amazonaws.com"));
    writeln!(out, "/// The service.\npub static SERVICE: ServiceSchema = ServiceSchema {{")?;
    writeln!(out, "name: {},", literal(&manifest.service))?;
    writeln!(out, "signing_name: {},", literal(&signing))?;
    writeln!(out, "endpoint_prefix: {},", literal(&endpoint))?;
    writeln!(out, "service_id: {},", literal(&id))?;
    writeln!(out, "full_name: {},", literal(full_name))?;
    writeln!(out, "target_prefix: {},", optional("targetPrefix"))?;
    writeln!(out, "api_version: {},", literal(version))?;
    writeln!(out, "xml_namespace: {},", optional("xmlNamespace"))?;
    writeln!(out, "event_source: {},", literal(&event_source))?;
    writeln!(out, "protocols: &[{}],", protocols(model)?.join(", "))?;
    writeln!(out, "operations: &[")?;
    for name in model.operations.keys() {
        writeln!(out, "&operations::{},", constant(name))?;
    }
    writeln!(out, "],\n}};\n")?;
    Ok(())
}

/// The model's protocols. A JSON service answers the other JSON version and RPC v2 CBOR too: AWS moves its
/// services from one to the next, and a client of either model must be served.
fn protocols(model: &Model) -> Result<Vec<&'static str>> {
    let mut names = model.metadata_list("protocols");
    if names.is_empty() {
        names.extend(model.metadata("protocol"));
    }
    let version = model.metadata("jsonVersion");
    let mut protocols = Vec::new();
    for name in &names {
        let more: &[&str] = match (name.as_str(), version.as_deref()) {
            ("json", Some("1.1")) => &["Protocol::Json11", "Protocol::Json10", "Protocol::RpcV2Cbor"],
            ("json", _) => &["Protocol::Json10", "Protocol::Json11", "Protocol::RpcV2Cbor"],
            ("query", _) => &["Protocol::Query"],
            ("ec2", _) => &["Protocol::Ec2"],
            ("rest-json", _) => &["Protocol::RestJson"],
            ("rest-xml", _) => &["Protocol::RestXml"],
            ("smithy-rpc-v2-cbor", _) => &["Protocol::RpcV2Cbor"],
            (other, _) => return Err(format!("the protocol `{other}` is not known").into()),
        };
        for protocol in more {
            if !protocols.contains(protocol) {
                protocols.push(protocol);
            }
        }
    }
    Ok(protocols)
}

fn not_built(out: &mut String, manifest: &Manifest) -> Result {
    writeln!(out, "/// The operations of the model that are not built, sorted, each with the reason.")?;
    writeln!(out, "pub static NOT_BUILT: &[(&str, &str)] = &[")?;
    for (name, reason) in &manifest.not_built {
        writeln!(out, "({}, {}),", literal(name), literal(reason))?;
    }
    writeln!(out, "];\n")?;
    Ok(())
}

fn op(out: &mut String, manifest: &Manifest) -> Result {
    let names = &manifest.operations;
    let lines = |line: &dyn Fn(&str) -> String| names.iter().map(|name| line(name)).collect::<String>();
    writeln!(
        out,
        "/// The operations that are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {{
    {}
}}

#[allow(clippy::too_many_lines, reason = \"a line per operation\")]
impl Op {{
    /// All, sorted by name.
    pub const ALL: &'static [Self] = &[{}];

    /// The name, for example `{}`.
    pub const fn name(self) -> &'static str {{
        match self {{
            {}
        }}
    }}

    /// What the model says of it.
    pub const fn schema(self) -> &'static OperationSchema {{
        match self {{
            {}
        }}
    }}

    /// The operation of this name, if it is built.
    pub fn from_name(name: &str) -> Option<Self> {{
        Some(match name {{
            {}
            _ => return None,
        }})
    }}
}}",
        lines(&|name| format!("/// `{name}`.\n{name},\n")),
        lines(&|name| format!("Self::{name},")),
        names.first().map_or("", String::as_str),
        lines(&|name| format!("Self::{name} => {},\n", literal(name))),
        lines(&|name| format!("Self::{name} => &operations::{},\n", constant(name))),
        lines(&|name| format!("{} => Self::{name},\n", literal(name))),
    )?;
    Ok(())
}

/// operations.rs: a schema per operation of the model, and a marker type per operation that is built.
pub(super) fn operations_rs(model: &Model, manifest: &Manifest) -> Result<String> {
    let mut body = String::new();
    for (name, operation) in &model.operations {
        if manifest.operations.contains(name) {
            built(&mut body, model, name, operation)?;
        } else {
            let schema = operation_schema(
                name,
                operation,
                "|| &UNIT",
                "|| &UNIT",
                "&UNIT_MEMBER",
                "&UNIT_MEMBER",
                &http_traits(model, operation)?,
                &[],
            );
            writeln!(body, "\n/// `{name}`, which is not built: its shapes are left out.\n{schema}")?;
        }
    }
    let mut text =
        "//! The operations: what the model says of each, and a type per operation that is built.\n\n"
            .to_owned();
    let names = [
        "Checksum",
        "HttpTraits",
        "Location",
        "Member",
        "Operation",
        "OperationSchema",
        "UNIT",
        "UNIT_MEMBER",
        "Unit",
    ];
    text += &imports(&body, "garrison_schema", &names);
    text += "\n";
    for module in ["errors", "schema", "types"] {
        if body.contains(&format!("{module}::")) {
            writeln!(text, "use super::{module};")?;
        }
    }
    Ok(text + &body)
}

fn built(out: &mut String, model: &Model, name: &str, operation: &Operation) -> Result {
    let constant_name = constant(name);
    let side = |shape: &Option<String>, role: &str| match shape {
        Some(shape) => (
            format!("types::{}", type_name(shape)),
            format!("|| &schema::{}", constant(shape)),
            format!("&{role}_OF_{constant_name}"),
        ),
        None => ("Unit".to_owned(), "|| &UNIT".to_owned(), "&UNIT_MEMBER".to_owned()),
    };
    let (input, input_shape, input_member) = side(&operation.input, "INPUT");
    let (output, output_shape, output_member) = side(&operation.output, "OUTPUT");
    for (role, shape, target, root) in [
        ("INPUT", &operation.input, &input_shape, &operation.input_root),
        ("OUTPUT", &operation.output, &output_shape, &operation.output_root),
    ] {
        if let Some(shape) = shape {
            let root = root.as_ref().map_or(String::new(), |root| format!(".wire_name({})", literal(root)));
            writeln!(
                out,
                "\nstatic {role}_OF_{constant_name}: Member = Member::new({}, 0, {target}){root};",
                literal(shape)
            )?;
        }
    }
    let schema = operation_schema(
        name,
        operation,
        &input_shape,
        &output_shape,
        &input_member,
        &output_member,
        &http_traits(model, operation)?,
        &operation.errors,
    );
    writeln!(out, "\n/// `{name}`.\n{schema}")?;
    writeln!(
        out,
        "/// `{name}` as a type.
#[derive(Debug, Clone, Copy)]
pub struct {name};

impl Operation for {name} {{
    type Input = {input};
    type Output = {output};
    const SCHEMA: &'static OperationSchema = &{constant_name};
}}"
    )?;
    Ok(())
}

/// What the HTTP protocols need to know besides.
fn http_traits(model: &Model, operation: &Operation) -> Result<String> {
    let mut text = "HttpTraits::NONE".to_owned();
    let mut selectors = String::new();
    for member in model.selectors(operation)? {
        let kind = if member.location.as_deref() == Some("header") { "Header" } else { "QueryString" };
        let wire = member.wire_name.as_deref().unwrap_or(&member.name);
        write!(selectors, "Location::{kind}({}),", literal(wire))?;
    }
    if !selectors.is_empty() {
        write!(text, ".selectors(&[{selectors}])")?;
    }
    if let Some(checksum) = &operation.checksum {
        let optional = |name: &Option<String>| {
            name.as_ref().map_or("None".to_owned(), |name| format!("Some({})", literal(name)))
        };
        let algorithms: Vec<String> = checksum.response_algorithms.iter().map(|name| literal(name)).collect();
        write!(
            text,
            ".checksum(Checksum {{ request_algorithm: {}, request_required: {}, validation_mode: {}, \
             response_algorithms: &[{}] }})",
            optional(&checksum.request_algorithm),
            checksum.request_required,
            optional(&checksum.validation_mode),
            algorithms.join(", "),
        )?;
    }
    text.push_str(if operation.unsigned_payload { ".unsigned_payload()" } else { "" });
    text.push_str(if operation.unwrapped { ".unwrapped()" } else { "" });
    Ok(text)
}

#[allow(clippy::too_many_arguments, reason = "one per line of what is written")]
fn operation_schema(
    name: &str,
    operation: &Operation,
    input: &str,
    output: &str,
    input_member: &str,
    output_member: &str,
    http: &str,
    errors: &[String],
) -> String {
    let errors: String = errors.iter().map(|error| format!("&errors::{},", constant(error))).collect();
    format!(
        "pub static {}: OperationSchema = OperationSchema {{
    name: {},
    input: {input},
    output: {output},
    input_member: {input_member},
    output_member: {output_member},
    errors: &[{errors}],
    http_method: {},
    http_uri: {},
    http_status: {},
    unsigned: {},
    http: {http},
}};
",
        constant(name),
        literal(name),
        literal(&operation.http_method),
        literal(&operation.http_uri),
        operation.http_status,
        operation.unsigned,
    )
}

/// errors.rs: a schema and a constructor per error of the operations that are built.
pub(super) fn errors_rs(model: &Model, manifest: &Manifest) -> Result<String> {
    let mut names = BTreeSet::new();
    for operation in &manifest.operations {
        names.extend(&model.operation(operation)?.errors);
    }
    let mut body = String::new();
    for name in names {
        let traits = model.shape(name)?.error.as_ref().ok_or(format!("{name} is not an error"))?;
        let code = traits.code.as_ref().filter(|code| *code != name);
        writeln!(
            body,
            "\n/// `{name}`.
pub static {constant}: ErrorSchema = ErrorSchema {{
    name: {},
    query_code: {},
    http_status: {},
    sender_fault: {},
}};

/// `{name}` with what the caller reads.
pub fn {}(message: impl Into<String>) -> ApiError {{
    ApiError::new(&{constant}, message)
}}",
            literal(name),
            code.map_or("None".to_owned(), |code| format!("Some({})", literal(code))),
            traits.http_status,
            traits.sender_fault,
            function(name),
            constant = constant(name),
        )?;
    }
    let text = "//! The errors that the model lists for the operations that are built.\n\n".to_owned();
    Ok(text + &imports(&body, "garrison_schema", &["ApiError", "ErrorSchema"]) + &body)
}
