//! From botocore's service models to models/<service>.json: the structure alone.
//!
//! What is kept is listed by name, at each level; what is known to be prose is dropped; any other key stops the
//! import, so that nothing of a new botocore is lost unseen. Operations and shapes are sorted by name, members
//! keep the model's order, which is the wire's order in XML.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value};

use super::Result;
use super::manifest::Manifest;

const MODEL: Level = Level {
    keep: &["metadata", "operations", "shapes"],
    drop: &["version", "documentation", "examples", "clientContextParams"],
};
const METADATA: Level = Level {
    keep: &[
        "apiVersion",
        "auth",
        "awsQueryCompatible",
        "endpointPrefix",
        "globalEndpoint",
        "jsonVersion",
        "protocol",
        "protocols",
        "serviceAbbreviation",
        "serviceFullName",
        "serviceId",
        "signatureVersion",
        "signingName",
        "targetPrefix",
        "uid",
        "xmlNamespace",
    ],
    drop: &["protocolSettings", "ripServiceName", "checksumFormat"],
};
const OPERATION: Level = Level {
    keep: &[
        "auth",
        "authtype",
        "endpoint",
        "errors",
        "http",
        "httpChecksum",
        "httpChecksumRequired",
        "idempotent",
        "input",
        "name",
        "output",
        "readonly",
        "unsignedPayload",
    ],
    drop: &[
        "alias",
        "deprecated",
        "deprecatedMessage",
        "deprecatedSince",
        "documentation",
        "documentationUrl",
        "endpointdiscovery",
        "endpointoperation",
        "operationContextParams",
        "requestcompression",
        "staticContextParams",
    ],
};
const SHAPE: Level = Level {
    keep: &[
        "box",
        "document",
        "enum",
        "error",
        "event",
        "eventstream",
        "exception",
        "fault",
        "flattened",
        "key",
        "locationName",
        "max",
        "member",
        "members",
        "min",
        "pattern",
        "payload",
        "required",
        "requiresLength",
        "retryable",
        "sensitive",
        "streaming",
        "synthetic",
        "timestampFormat",
        "type",
        "union",
        "value",
        "wrapper",
        "xmlNamespace",
        "xmlOrder",
    ],
    drop: &["deprecated", "deprecatedMessage", "deprecatedSince", "documentation"],
};
const MEMBER: Level = Level {
    keep: &[
        "box",
        "eventpayload",
        "eventheader",
        "flattened",
        "hostLabel",
        "idempotencyToken",
        "jsonvalue",
        "location",
        "locationName",
        "queryName",
        "resultWrapper",
        "shape",
        "streaming",
        "timestampFormat",
        "union",
        "xmlAttribute",
        "xmlNamespace",
    ],
    drop: &["contextParam", "deprecated", "deprecatedMessage", "deprecatedSince", "documentation"],
};

/// The keys of one level of a model.
struct Level {
    keep: &'static [&'static str],
    drop: &'static [&'static str],
}

/// Writes models/<service>.json for every manifest, and the version into models/README.md.
pub(super) fn run(botocore: &Path, models: &Path, manifests: &[Manifest]) -> Result {
    for manifest in manifests {
        let service = &manifest.service;
        let path = newest(&botocore.join("data").join(service))?.join("service-2.json.gz");
        let model: Value = serde_json::from_slice(&gunzip(&path)?)?;
        let trimmed = trim_model(&model).map_err(|error| format!("{}: {error}", path.display()))?;
        fs::write(models.join(format!("{service}.json")), serde_json::to_string_pretty(&trimmed)? + "\n")?;
    }
    let readme = models.join("README.md");
    let text = fs::read_to_string(&readme)?;
    let version = version(botocore)?;
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            if line.starts_with("Pinned: ") {
                format!("Pinned: botocore {version}.")
            } else {
                line.to_owned()
            }
        })
        .collect();
    fs::write(&readme, lines.join("\n") + "\n")?;
    Ok(())
}

/// The folder of the newest API version: their names are dates.
fn newest(folder: &Path) -> Result<PathBuf> {
    let mut versions = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        versions.push(entry?.path());
    }
    versions.into_iter().max().ok_or_else(|| format!("{} is empty", folder.display()).into())
}

fn gunzip(path: &Path) -> Result<Vec<u8>> {
    let output = Command::new("gzip").arg("-dc").arg(path).output()?;
    if !output.status.success() {
        return Err(format!("gzip cannot read {}", path.display()).into());
    }
    Ok(output.stdout)
}

fn version(botocore: &Path) -> Result<String> {
    let text = fs::read_to_string(botocore.join("__init__.py"))?;
    let line =
        text.lines().find_map(|line| line.strip_prefix("__version__ = ")).ok_or("botocore has no version")?;
    Ok(line.trim_matches(['\'', '"']).to_owned())
}

fn trim_model(model: &Value) -> Result<Value> {
    let mut trimmed = MODEL.trim(model, "model")?;
    for (key, value) in &mut trimmed {
        *value = match key.as_str() {
            "metadata" => Value::Object(METADATA.trim(value, "metadata")?),
            "operations" => each(value, true, &trim_operation)?,
            _ => each(value, true, &trim_shape)?,
        };
    }
    Ok(Value::Object(trimmed))
}

fn trim_operation(operation: &Value) -> Result<Value> {
    let mut trimmed = OPERATION.trim(operation, "operation")?;
    for (key, value) in &mut trimmed {
        match (key.as_str(), value) {
            ("input" | "output", value) => *value = trim_member(value)?,
            ("errors", Value::Array(errors)) => {
                for error in errors {
                    *error = trim_member(error)?;
                }
            }
            _ => {}
        }
    }
    Ok(Value::Object(trimmed))
}

fn trim_shape(shape: &Value) -> Result<Value> {
    let mut trimmed = SHAPE.trim(shape, "shape")?;
    for (key, value) in &mut trimmed {
        *value = match key.as_str() {
            "members" => each(value, false, &trim_member)?,
            "member" | "key" | "value" => trim_member(value)?,
            _ => continue,
        };
    }
    Ok(Value::Object(trimmed))
}

fn trim_member(member: &Value) -> Result<Value> {
    Ok(Value::Object(MEMBER.trim(member, "member")?))
}

/// The object with each value trimmed.
fn each(object: &Value, sorted: bool, trim: &dyn Fn(&Value) -> Result<Value>) -> Result<Value> {
    let mut trimmed = Map::new();
    for (name, value) in object.as_object().ok_or("not an object")? {
        trimmed.insert(name.clone(), trim(value).map_err(|error| format!("{name}: {error}"))?);
    }
    if sorted {
        trimmed.sort_keys();
    }
    Ok(Value::Object(trimmed))
}

impl Level {
    fn trim(&self, value: &Value, what: &str) -> Result<Map<String, Value>> {
        let mut trimmed = Map::new();
        for (key, value) in value.as_object().ok_or("not an object")? {
            if self.keep.contains(&key.as_str()) {
                trimmed.insert(key.clone(), value.clone());
            } else if !self.drop.contains(&key.as_str()) {
                return Err(format!("`{key}` of a {what} is neither kept nor dropped").into());
            }
        }
        Ok(trimmed)
    }
}
