//! Writes the files of a new operation or a new service, and their lines in the files that list them.
//!
//! What is written compiles, and pretends nothing: the operation answers that it is not built, and its test fails until
//! somebody writes one.

mod edit;
mod template;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use toml::Table;

use crate::coverage::snake_case;
use crate::workspace::Workspace;
use crate::{Result, process, ui};

use self::template::Template;

/// Enters `operation` in the manifest of `service` and writes its file.
///
/// # Errors
/// The model does not have it, or it is there already.
pub(crate) fn new_op(workspace: &Workspace, service: &str, operation: &str) -> Result {
    let model = Model::read(workspace, service)?;
    if !model.operations.iter().any(|name| name == operation) {
        return Err(format!("the model of {service} has no operation `{operation}`").into());
    }
    let folder = workspace.root.join("crates/svc").join(service).join("src");
    let template = Template::new(service, &service_type(&folder)?, &model).operation(operation);
    let list = folder.join("ops/mod.rs");
    let listed = edit::register(&read(&list)?, operation)?;
    let manifest = workspace.root.join("models").join(format!("{service}.toml"));
    let entered = edit::build(&read(&manifest)?, operation)?;

    create(&operation_file(&folder, operation), &template.fill(template::OPERATION))?;
    fs::write(&list, listed)?;
    fs::write(&manifest, entered)?;
    process::run(workspace.cargo().args(["xtask", "codegen"]))?;
    process::run(workspace.cargo().args(["fmt", "-p", &format!("garrison-svc-{service}")]))?;
    ui::say("next: docs/how-to/add-an-operation.md, step 3");
    Ok(())
}

/// Writes the crates of `service`, with a file for each operation that its manifest calls built.
///
/// # Errors
/// There is no model or no manifest, the manifest calls no operation built, or the crates are there already.
pub(crate) fn new_service(workspace: &Workspace, service: &str) -> Result {
    let model = Model::read(workspace, service)?;
    let manifest: Table = read(&workspace.root.join("models").join(format!("{service}.toml")))?.parse()?;
    let built = manifest.get("operations").and_then(toml::Value::as_array).into_iter().flatten();
    let built: Vec<_> = built.filter_map(toml::Value::as_str).collect();
    if built.is_empty() {
        return Err(format!(
            "models/{service}.toml: name the first operation that will be built in `operations`"
        )
        .into());
    }
    let api = workspace.root.join("crates/api").join(service);
    let svc = workspace.root.join("crates/svc").join(service);
    if let Some(there) = [&api, &svc].into_iter().find(|folder| folder.exists()) {
        return Err(format!("{} is there already", there.display()).into());
    }
    let template = Template::new(service, &model.type_name()?, &model);

    create(&api.join("Cargo.toml"), &template.crate_manifest("api"))?;
    // Replaced by codegen, which needs a crate to write to.
    create(&api.join("src/lib.rs"), "//! Generated.\n")?;
    create(&svc.join("Cargo.toml"), &template.crate_manifest("svc"))?;
    create(&svc.join("README.md"), &template.fill(template::README))?;
    create(&svc.join("src/lib.rs"), &template.fill(template::SERVICE_LIB))?;
    create(&svc.join("src/service.rs"), &template.fill(template::SERVICE))?;
    let mut list = template.fill(template::OPS);
    for operation in built {
        let template = template.clone().operation(operation);
        create(&operation_file(&svc.join("src"), operation), &template.fill(template::OPERATION))?;
        list = edit::list(&list, operation, &template.fill(template::REGISTRATION))?;
    }
    create(&svc.join("src/ops/mod.rs"), &list)?;
    let root = workspace.root.join("Cargo.toml");
    fs::write(&root, edit::add_crates(&read(&root)?, service)?)?;
    process::run(workspace.cargo().args(["xtask", "codegen"]))?;
    process::run(workspace.cargo().args(["fmt", "-p", &format!("garrison-svc-{service}")]))?;
    ui::say("next: docs/how-to/add-a-service.md, step 3");
    Ok(())
}

/// What a scaffold needs of an interface model.
struct Model {
    /// For example `secretsmanager-2017-10-17`.
    uid: String,
    /// The prefix of IAM actions.
    prefix: String,
    /// For example `Secrets Manager`.
    id: String,
    /// For example `AWS Secrets Manager`.
    full_name: String,
    operations: Vec<String>,
}

impl Model {
    fn read(workspace: &Workspace, service: &str) -> Result<Self> {
        let path = workspace.root.join("models").join(format!("{service}.json"));
        let model: Value = serde_json::from_str(&read(&path)?)?;
        Self::parse(&model)
            .ok_or_else(|| format!("{}: no model in a form that is known here", path.display()).into())
    }

    fn parse(model: &Value) -> Option<Self> {
        let metadata = model.get("metadata")?;
        let text = |key: &str| metadata.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            uid: text("uid")?,
            prefix: text("signingName").or_else(|| text("endpointPrefix"))?,
            id: text("serviceId")?,
            full_name: text("serviceFullName")?,
            operations: model.get("operations")?.as_object()?.keys().cloned().collect(),
        })
    }

    /// `Secrets Manager` as `SecretsManager`, `KMS` as `Kms`.
    ///
    /// # Errors
    /// The service id has no letter.
    fn type_name(&self) -> Result<String> {
        let words = self.id.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let name: String = words.map(pascal_case).collect();
        if name.is_empty() { Err(format!("`{}` is no service id", self.id).into()) } else { Ok(name) }
    }
}

/// `Manager` as it is, `KMS` as `Kms`.
fn pascal_case(word: &str) -> String {
    let acronym = word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let mut chars = word.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    let rest = chars.map(|c| if acronym { c.to_ascii_lowercase() } else { c });
    first.into_iter().chain(rest).collect()
}

/// The type that implements `ServiceType` in a service's crate.
fn service_type(folder: &Path) -> Result<String> {
    let path = folder.join("service.rs");
    let text = read(&path)?;
    let name =
        text.lines().find_map(|line| line.strip_prefix("impl ServiceType for ")?.split([' ', '{']).next());
    name.map(str::to_owned).ok_or_else(|| format!("{}: no `impl ServiceType for`", path.display()).into())
}

fn operation_file(folder: &Path, operation: &str) -> PathBuf {
    folder.join("ops").join(format!("{}.rs", snake_case(operation)))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// Writes a new file; what is there already stays.
fn create(path: &Path, text: &str) -> Result {
    if path.exists() {
        return Err(format!("{} is there already", path.display()).into());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)?;
    ui::say(&format!("wrote {}", path.display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_names() {
        for (id, name) in [
            ("KMS", "Kms"),
            ("Secrets Manager", "SecretsManager"),
            ("CloudTrail", "CloudTrail"),
            ("WAFV2", "Wafv2"),
        ] {
            let model = Model {
                uid: String::new(),
                prefix: String::new(),
                id: id.into(),
                full_name: String::new(),
                operations: vec![],
            };
            assert_eq!(model.type_name().unwrap(), name);
        }
    }
}
