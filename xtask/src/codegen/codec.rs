//! codec.rs of a service: one dynamic read and one dynamic write per structure, list and map.

use std::error::Error;
use std::fmt::Write as _;

use super::Result;
use super::model::{Kind, Member, Model, Shape};
use super::names::{constant, field, function, type_name};
use super::types::{imports, rust_type};

/// The file.
pub(super) fn codec_rs(model: &Model, reached: &[&Shape]) -> Result<String> {
    let mut body = String::new();
    let mut used = Vec::new();
    for shape in reached {
        match &shape.kind {
            Kind::Structure { members, .. } => {
                read_structure(&mut body, model, shape, members)?;
                write_structure(&mut body, model, shape, members)?;
                used.push(type_name(&shape.name));
            }
            Kind::List(element) => list(&mut body, model, shape, element)?,
            Kind::Map(_, value) => map(&mut body, model, shape, value)?,
            Kind::Enum(_) => used.push(type_name(&shape.name)),
            _ => {}
        }
    }
    let mut text = "//! How each structure is read and written, whatever the protocol.\n\n".to_owned();
    text += &imports(&body, "std::collections", &["BTreeMap"]);
    text += "\n";
    text += &imports(
        &body,
        "garrison_schema",
        &[
            "Blob",
            "Member",
            "ReadError",
            "Reader",
            "SensitiveBlob",
            "SensitiveString",
            "Shape",
            "Structure",
            "WriteStructure",
            "Writer",
        ],
    );
    text += &imports(&body, "garrison_types", &["Timestamp"]);
    text += "\nuse super::schema;\n";
    used.sort();
    text += &imports(&body, "super::types", &used.iter().map(String::as_str).collect::<Vec<_>>());
    Ok(text + &body)
}

fn read_structure(out: &mut String, model: &Model, shape: &Shape, members: &[Member]) -> Result {
    let name = type_name(&shape.name);
    writeln!(out, "\nimpl Structure for {name} {{")?;
    writeln!(out, "fn read(reader: &mut dyn Reader, member: &'static Member) -> Result<Self, ReadError> {{")?;
    let is_read = |member: &Member| Ok::<_, Box<dyn Error>>(!model.shape(&member.shape)?.event_stream);
    if members.iter().map(is_read).collect::<Result<Vec<_>>>()?.iter().all(|is_read| !is_read) {
        let made = if members.is_empty() { "Self {}" } else { "Self::default()" };
        writeln!(out, "reader.structure(member, &mut |_, _| Ok(()))?;\nOk({made})\n}}\n}}")?;
        return Ok(());
    }
    let notes = members.iter().any(|member| member.required);
    if members.iter().enumerate().any(|(index, member)| member.required && index > 127) {
        return Err(format!("{} has a required member past the 128th", shape.name).into());
    }
    writeln!(out, "let mut out = Self::default();")?;
    if notes {
        writeln!(out, "let mut seen = 0u128;")?;
    }
    writeln!(out, "reader.structure(member, &mut |reader, member| {{")?;
    let mut arms = Vec::new();
    for (index, member) in members.iter().enumerate() {
        let target = model.shape(&member.shape)?;
        if target.event_stream {
            // Made by operations, never read.
            continue;
        }
        let mut value = match member.streaming {
            true => "reader.stream(member)?".to_owned(),
            false => read_value(target, "member"),
        };
        if model.is_boxed(&shape.name, &member.shape)? {
            value = format!("Box::new({value})");
        }
        if !member.required {
            value = format!("Some({value})");
        }
        arms.push((index, format!("out.{} = {value}", field(&member.name))));
    }
    if let [(index, only)] = arms.as_slice() {
        writeln!(out, "if member.index == {index} {{ {only}; }}")?;
    } else {
        writeln!(out, "match member.index {{")?;
        for (index, arm) in &arms {
            writeln!(out, "{index} => {arm},")?;
        }
        writeln!(out, "_ => {{}}\n}}")?;
    }
    if notes {
        let shift = if members.len() > 128 {
            "if member.index < 128 { seen |= 1 << member.index; }"
        } else {
            "seen |= 1 << member.index;"
        };
        writeln!(out, "{shift}")?;
    }
    writeln!(out, "Ok(())\n}})?;")?;
    if notes {
        writeln!(out, "reader.issues().note_missing(&schema::{}, seen);", constant(&shape.name))?;
    }
    writeln!(out, "Ok(out)\n}}\n}}")?;
    Ok(())
}

fn write_structure(out: &mut String, model: &Model, shape: &Shape, members: &[Member]) -> Result {
    let (name, constant) = (type_name(&shape.name), constant(&shape.name));
    writeln!(out, "\nimpl WriteStructure for {name} {{")?;
    writeln!(out, "fn shape(&self) -> &'static Shape {{\n&schema::{constant}\n}}\n")?;
    let writer = if members.is_empty() { "_writer" } else { "writer" };
    if members.len() > 33 {
        writeln!(out, "#[allow(clippy::too_many_lines, reason = \"three for each member\")]")?;
    }
    writeln!(out, "fn write_members(&self, {writer}: &mut dyn Writer) {{")?;
    for (index, member) in members.iter().enumerate() {
        let target = model.shape(&member.shape)?;
        let write = |place: &str, reference: &str, copy: &str| match (member.streaming, target.event_stream) {
            (true, _) => format!("writer.stream({place}, {reference})"),
            (_, true) => format!("writer.events({place}, {}.erased())", reference.trim_start_matches('&')),
            _ => write_value(target, place, reference, copy),
        };
        let place = format!("&schema::MEMBERS_OF_{constant}[{index}]");
        let name = field(&member.name);
        let boxed = model.is_boxed(&shape.name, &member.shape)?;
        if member.required {
            let reference = if boxed { format!("&*self.{name}") } else { format!("&self.{name}") };
            writeln!(out, "{};", write(&place, &reference, &format!("self.{name}")))?;
        } else {
            let reference = if boxed { "&**value" } else { "value" };
            writeln!(out, "if let Some(value) = &self.{name} {{")?;
            writeln!(out, "{};\n}}", write(&place, reference, "*value"))?;
        }
    }
    writeln!(out, "}}\n}}")?;
    Ok(())
}

fn list(out: &mut String, model: &Model, shape: &Shape, element: &Member) -> Result {
    let (name, constant) = (function(&shape.name), constant(&shape.name));
    let target = model.shape(&element.shape)?;
    let place = format!("&schema::ELEMENT_OF_{constant}");
    let item = rust_type(model, target)?;
    writeln!(
        out,
        "\nfn read_{name}(reader: &mut dyn Reader, member: &'static Member) -> Result<Vec<{item}>, ReadError> {{
            let mut out = Vec::new();
            reader.list(member, &mut |reader| {{
                out.push({});
                Ok(())
            }})?;
            Ok(out)
        }}

        fn write_{name}(writer: &mut dyn Writer, member: &'static Member, items: &[{item}]) {{
            writer.list(member, items.len(), &mut |writer| {{
                for item in items {{
                    {};
                }}
            }});
        }}",
        read_value(target, &place),
        write_value(target, &place, "item", "*item"),
    )?;
    Ok(())
}

fn map(out: &mut String, model: &Model, shape: &Shape, value: &Member) -> Result {
    let (name, constant) = (function(&shape.name), constant(&shape.name));
    let target = model.shape(&value.shape)?;
    let place = format!("&schema::VALUE_OF_{constant}");
    let rust = format!("BTreeMap<String, {}>", rust_type(model, target)?);
    writeln!(
        out,
        "\nfn read_{name}(reader: &mut dyn Reader, member: &'static Member) -> Result<{rust}, ReadError> {{
            let mut out = BTreeMap::new();
            reader.map(member, &mut |reader, key| {{
                out.insert(key, {});
                Ok(())
            }})?;
            Ok(out)
        }}

        fn write_{name}(writer: &mut dyn Writer, member: &'static Member, entries: &{rust}) {{
            writer.map(member, entries.len(), &mut |writer| {{
                for (key, value) in entries {{
                    writer.key(key);
                    {};
                }}
            }});
        }}",
        read_value(target, &place),
        write_value(target, &place, "value", "*value"),
    )?;
    Ok(())
}

/// The expression that reads a value of the shape at the place.
fn read_value(shape: &Shape, place: &str) -> String {
    match &shape.kind {
        Kind::Boolean => format!("reader.boolean({place})?"),
        Kind::Integer => format!("reader.integer({place})?"),
        Kind::Long => format!("reader.long({place})?"),
        Kind::Float | Kind::Double => format!("reader.double({place})?"),
        Kind::String if shape.sensitive => format!("reader.string({place})?.into()"),
        Kind::String => format!("reader.string({place})?"),
        Kind::Enum(_) => format!("reader.string({place})?.into()"),
        Kind::Blob => format!("reader.blob({place})?.into()"),
        Kind::Timestamp => format!("reader.timestamp({place})?"),
        Kind::Document => format!("reader.document({place})?"),
        Kind::Structure { .. } => format!("{}::read(reader, {place})?", type_name(&shape.name)),
        Kind::List(_) | Kind::Map(..) => format!("read_{}(reader, {place})?", function(&shape.name)),
    }
}

/// The statement that writes a value of the shape at the place.
fn write_value(shape: &Shape, place: &str, reference: &str, copy: &str) -> String {
    match &shape.kind {
        Kind::Boolean => format!("writer.boolean({place}, {copy})"),
        Kind::Integer => format!("writer.integer({place}, {copy})"),
        Kind::Long => format!("writer.long({place}, {copy})"),
        Kind::Float | Kind::Double => format!("writer.double({place}, {copy})"),
        Kind::String => format!("writer.string({place}, {reference})"),
        Kind::Enum(_) => format!("writer.string({place}, {}.as_str())", reference.trim_start_matches('&')),
        Kind::Blob => format!("writer.blob({place}, {reference})"),
        Kind::Timestamp => format!("writer.timestamp({place}, {copy})"),
        Kind::Document => format!("writer.document({place}, {reference})"),
        Kind::Structure { .. } => format!("writer.structure({place}, {reference})"),
        Kind::List(_) | Kind::Map(..) => {
            format!("write_{}(writer, {place}, {reference})", function(&shape.name))
        }
    }
}
