//! types.rs of a service: a structure or enum per shape.

use std::fmt::Write as _;

use super::Result;
use super::model::{Kind, Member, Model, Shape};
use super::names::{field, literal, type_name, variant};

/// The Rust type of a shape's values.
pub(super) fn rust_type(model: &Model, shape: &Shape) -> Result<String> {
    Ok(match &shape.kind {
        Kind::Boolean => "bool".to_owned(),
        Kind::Integer => "i32".to_owned(),
        Kind::Long => "i64".to_owned(),
        Kind::Float | Kind::Double => "f64".to_owned(),
        Kind::String if shape.sensitive => "SensitiveString".to_owned(),
        Kind::String | Kind::Document => "String".to_owned(),
        Kind::Blob if shape.sensitive => "SensitiveBlob".to_owned(),
        Kind::Blob => "Blob".to_owned(),
        Kind::Timestamp => "Timestamp".to_owned(),
        Kind::Enum(_) | Kind::Structure { .. } => type_name(&shape.name),
        Kind::List(element) => format!("Vec<{}>", rust_type(model, model.shape(&element.shape)?)?),
        Kind::Map(_, value) => format!("BTreeMap<String, {}>", rust_type(model, model.shape(&value.shape)?)?),
    })
}

/// The Rust type of a member's values.
fn member_type(model: &Model, member: &Member) -> Result<String> {
    let target = model.shape(&member.shape)?;
    let rust = rust_type(model, target)?;
    Ok(match &target.kind {
        Kind::Blob if member.streaming => "ByteStream".to_owned(),
        _ if member.streaming => return Err(format!("{} streams but holds no bytes", member.name).into()),
        _ if target.event_stream => format!("EventStream<{rust}>"),
        _ => rust,
    })
}

/// `use` lines for those of these names that the text mentions.
pub(super) fn imports(text: &str, from: &str, names: &[&str]) -> String {
    let mentions = |name: &str| {
        text.match_indices(name).any(|(at, _)| {
            // The model's names stand in backticks, in comments.
            let is_word =
                |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || c == '`');
            let (before, after) = text.split_at(at);
            !is_word(before.chars().next_back()) && !is_word(after.chars().nth(name.len()))
        })
    };
    let used: Vec<&str> = names.iter().copied().filter(|name| mentions(name)).collect();
    if used.is_empty() { String::new() } else { format!("use {from}::{{{}}};\n", used.join(", ")) }
}

/// The file.
pub(super) fn types_rs(model: &Model, reached: &[&Shape]) -> Result<String> {
    let mut body = String::new();
    for shape in reached {
        match &shape.kind {
            Kind::Enum(values) => enumeration(&mut body, shape, values)?,
            Kind::Structure { .. } => structure(&mut body, model, shape)?,
            _ => {}
        }
    }
    let mut text = "//! The types of the interface: one per structure and enum of the model.\n\n".to_owned();
    text += &imports(&body, "std::collections", &["BTreeMap"]);
    text += "\n";
    text += &imports(
        &body,
        "garrison_schema",
        &["Blob", "ByteStream", "EventStream", "SensitiveBlob", "SensitiveString", "string_enum"],
    );
    text += &imports(&body, "garrison_types", &["Timestamp"]);
    Ok(text + &body)
}

fn enumeration(out: &mut String, shape: &Shape, values: &[String]) -> Result {
    let name = type_name(&shape.name);
    let mut variants: Vec<String> = values.iter().map(|value| variant(value)).collect();
    writeln!(out, "\nstring_enum! {{\n    /// `{}`.\n    {name} {{", shape.name)?;
    for (value, variant) in values.iter().zip(&variants) {
        writeln!(out, "        {variant} = {},", literal(value))?;
    }
    writeln!(out, "    }}\n}}")?;
    variants.sort();
    variants.dedup();
    if variants.len() == values.len() {
        Ok(())
    } else {
        Err(format!("two values of {} give the same variant", shape.name).into())
    }
}

fn structure(out: &mut String, model: &Model, shape: &Shape) -> Result {
    let name = type_name(&shape.name);
    let incomparable = model.holds_secrets(&shape.name)? || model.holds_streams(&shape.name)?;
    let comparable = if incomparable { "" } else { ", PartialEq" };
    writeln!(out, "\n/// `{}`.\n#[derive(Debug, Clone, Default{comparable})]", shape.name)?;
    writeln!(out, "pub struct {name} {{")?;
    for member in shape.members() {
        let mut rust = member_type(model, member)?;
        if model.is_boxed(&shape.name, &member.shape)? {
            rust = format!("Box<{rust}>");
        }
        let mut note = "";
        if member.required {
            note = ", required";
        } else {
            rust = format!("Option<{rust}>");
        }
        writeln!(out, "    /// `{}` (`{}`){note}.", member.name, member.shape)?;
        writeln!(out, "    pub {}: {rust},", field(&member.name))?;
    }
    writeln!(out, "}}")?;
    Ok(())
}
