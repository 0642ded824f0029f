//! schema.rs of a service: the model's shapes as constants.

use std::fmt::Write as _;

use super::Result;
use super::model::{Kind, Member, Model, Shape};
use super::names::{constant, literal};
use super::types::imports;

/// The file.
pub(super) fn schema_rs(model: &Model, reached: &[&Shape]) -> Result<String> {
    let mut body = String::new();
    for shape in reached {
        emit(&mut body, model, shape)?;
    }
    let mut text = "//! What the model says of each shape.\n\n".to_owned();
    text += &imports(&body, "garrison_schema", &["Kind", "Location", "Member", "Shape", "TimestampFormat"]);
    Ok(text + &body)
}

fn emit(out: &mut String, model: &Model, shape: &Shape) -> Result {
    let name = constant(&shape.name);
    let quoted = literal(&shape.name);
    let mut parts = String::new();
    let made = match &shape.kind {
        Kind::Structure { members, union } => {
            let array = format!("MEMBERS_OF_{name}");
            writeln!(parts, "/// The members of `{}`.", shape.name)?;
            writeln!(parts, "pub static {array}: [Member; {}] = [", members.len())?;
            for (index, member) in members.iter().enumerate() {
                writeln!(parts, "    {},", use_of(model, member, index)?)?;
            }
            writeln!(parts, "];")?;
            format!("Shape::{}({quoted}, &{array})", if *union { "union" } else { "structure" })
        }
        Kind::List(element) => {
            single(&mut parts, model, "ELEMENT", element, shape)?;
            format!("Shape::new({quoted}, Kind::List(&ELEMENT_OF_{name}))")
        }
        Kind::Map(key, value) => {
            single(&mut parts, model, "KEY", key, shape)?;
            single(&mut parts, model, "VALUE", value, shape)?;
            format!("Shape::new({quoted}, Kind::Map(&KEY_OF_{name}, &VALUE_OF_{name}))")
        }
        Kind::Enum(values) => {
            let values: Vec<String> = values.iter().map(|value| literal(value)).collect();
            format!("Shape::new({quoted}, Kind::Enum(&[{}]))", values.join(", "))
        }
        simple => format!("Shape::new({quoted}, Kind::{})", simple_kind(simple)),
    };
    out.push('\n');
    out.push_str(&parts);
    writeln!(out, "/// `{}`.\npub static {name}: Shape = {made}{};", shape.name, constraints(shape))?;
    Ok(())
}

/// The name of a kind that has no parts.
fn simple_kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Boolean => "Boolean",
        Kind::Integer => "Integer",
        Kind::Long => "Long",
        Kind::Float => "Float",
        Kind::Double => "Double",
        Kind::Blob => "Blob",
        Kind::Timestamp => "Timestamp",
        Kind::Document => "Document",
        Kind::String | Kind::Enum(_) | Kind::List(_) | Kind::Map(..) | Kind::Structure { .. } => "String",
    }
}

fn constraints(shape: &Shape) -> String {
    let mut text = String::new();
    text.extend(shape.min.map(|min| format!(".min({min})")));
    text.extend(shape.max.map(|max| format!(".max({max})")));
    text.extend(shape.pattern.as_ref().map(|pattern| format!(".pattern({})", literal(pattern))));
    text.extend(shape.sensitive.then_some(".sensitive()"));
    text.extend(shape.event_stream.then_some(".event_stream()"));
    text
}

fn single(out: &mut String, model: &Model, role: &str, member: &Member, holder: &Shape) -> Result {
    let what = role.to_ascii_lowercase();
    writeln!(out, "/// The {what} of `{}`.", holder.name)?;
    writeln!(
        out,
        "pub static {role}_OF_{}: Member = {};",
        constant(&holder.name),
        use_of(model, member, 0)?
    )?;
    Ok(())
}

fn use_of(model: &Model, member: &Member, index: usize) -> Result<String> {
    let target = constant(&model.shape(&member.shape)?.name);
    let mut text = format!("Member::new({}, {index}, || &{target})", literal(&member.name));
    let wire = member.wire_name.as_deref().unwrap_or(&member.name);
    match member.location.as_deref() {
        None => {}
        Some("header") => write!(text, ".location(Location::Header({}))", literal(wire))?,
        Some("headers") => write!(text, ".location(Location::HeaderPrefix({}))", literal(wire))?,
        Some("uri") => write!(text, ".location(Location::Uri({}))", literal(wire))?,
        Some("querystring") => write!(text, ".location(Location::QueryString({}))", literal(wire))?,
        Some("statusCode") => text.push_str(".location(Location::StatusCode)"),
        Some("payload") => text.push_str(".location(Location::Payload)"),
        Some("eventpayload") => text.push_str(".location(Location::EventPayload)"),
        Some("eventheader") => text.push_str(".location(Location::EventHeader)"),
        Some(other) => return Err(format!("the location `{other}` is not known").into()),
    }
    if wire != member.name {
        write!(text, ".wire_name({})", literal(wire))?;
    }
    if let Some(name) = &member.query_name {
        write!(text, ".query_name({})", literal(name))?;
    }
    if let Some(format) = member.timestamp_format.as_deref() {
        let format = match format {
            "unixTimestamp" => "EpochSeconds",
            "iso8601" => "DateTime",
            "rfc822" => "HttpDate",
            other => return Err(format!("the timestamp format `{other}` is not known").into()),
        };
        write!(text, ".timestamp_format(TimestampFormat::{format})")?;
    }
    if let Some((prefix, uri)) = &member.xml_namespace {
        let prefix = prefix.as_ref().map_or("None".to_owned(), |prefix| format!("Some({})", literal(prefix)));
        write!(text, ".xml_namespace({prefix}, {})", literal(uri))?;
    }
    for (set, call) in [
        (member.required, ".required()"),
        (member.flattened, ".flattened()"),
        (member.xml_attribute, ".xml_attribute()"),
        (member.idempotency_token, ".idempotency_token()"),
        (member.streaming, ".streaming()"),
        (member.json_value, ".json_value()"),
    ] {
        text.extend(set.then_some(call));
    }
    Ok(text)
}
