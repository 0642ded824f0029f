//! The coverage list: which of a service's operations exist, and why the others do not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;
use toml::Table;

use crate::workspace::Workspace;
use crate::{Result, ui};

const PAGE: &str = "docs/coverage.md";
const TO_COME: &str = "the service is not built yet, only its interface";

/// Writes the list, or with `check` fails when it is not what would be written.
///
/// # Errors
/// A manifest is wrong, an operation has no handler, or the list is stale.
pub(crate) fn run(workspace: &Workspace, check: bool) -> Result {
    let services = read(&workspace.root)?;
    let page = render(&services);
    let path = workspace.root.join(PAGE);
    for service in &services {
        ui::say(&format!("coverage: {} {}", service.name, service.summary()));
    }
    if fs::read_to_string(&path).ok().as_deref() == Some(page.as_str()) {
        return Ok(());
    }
    if check {
        return Err(format!("{PAGE} is stale: run `cargo xtask coverage`").into());
    }
    fs::write(&path, page)?;
    ui::say(&format!("wrote {PAGE}"));
    Ok(())
}

/// One service: its model beside its manifest.
struct Service {
    name: String,
    all: BTreeSet<String>,
    /// What is not built, with the reason.
    absent: BTreeMap<String, String>,
}

impl Service {
    /// Puts the model's operations beside the manifest's.
    ///
    /// # Errors
    /// They do not fit: an operation that AWS does not have, that stands twice, or that stands in neither list.
    fn new(name: &str, all: BTreeSet<String>, manifest: &Table) -> Result<Self> {
        let built = manifest.get("operations").and_then(toml::Value::as_array);
        let built: BTreeSet<_> =
            built.into_iter().flatten().filter_map(toml::Value::as_str).map(str::to_owned).collect();
        let reasons = manifest.get("not_built").and_then(toml::Value::as_table).cloned().unwrap_or_default();
        let mut absent = BTreeMap::new();
        for (operation, reason) in &reasons {
            let reason = reason.as_str().map(str::trim).filter(|reason| !reason.is_empty());
            let reason = reason
                .ok_or_else(|| format!("models/{name}.toml: {operation} is not built, without a reason"))?;
            absent.insert(operation.clone(), reason.to_owned());
        }
        let service = Self { name: name.to_owned(), all, absent };
        for operation in built.iter().chain(service.absent.keys()) {
            if !service.all.contains(operation) {
                return Err(format!("models/{name}.toml: {operation} is not in the model").into());
            }
        }
        for operation in &service.all {
            match (built.contains(operation), service.absent.contains_key(operation)) {
                (true, true) => {
                    return Err(format!("models/{name}.toml: {operation} is both built and not built").into());
                }
                (false, false) => {
                    return Err(format!("models/{name}.toml: {operation} is in neither list").into());
                }
                _ => {}
            }
        }
        Ok(service)
    }

    fn built(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(String::as_str).filter(|operation| !self.absent.contains_key(*operation))
    }

    /// There is an interface, and no service, or none that anybody should rely on.
    fn is_to_come(&mut self, why: &str) {
        let built: Vec<String> = self.built().map(str::to_owned).collect();
        self.absent.extend(built.into_iter().map(|operation| (operation, why.to_owned())));
    }

    fn summary(&self) -> String {
        format!("{} of {}", self.built().count(), self.all.len())
    }
}

fn read(root: &Path) -> Result<Vec<Service>> {
    let mut manifests: Vec<_> =
        fs::read_dir(root.join("models"))?.collect::<std::result::Result<Vec<_>, _>>()?;
    manifests.sort_by_key(fs::DirEntry::file_name);
    let mut services = Vec::new();
    for entry in manifests {
        let path = entry.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".toml")) else {
            continue;
        };
        let manifest: Table =
            fs::read_to_string(&path)?.parse().map_err(|error| format!("{}: {error}", path.display()))?;
        let model = path.with_extension("json");
        let model = fs::read_to_string(&model).map_err(|error| format!("{}: {error}", model.display()))?;
        let mut service = Service::new(name, operations(&serde_json::from_str(&model)?)?, &manifest)?;
        let is_there = root.join("crates/svc").join(name).is_dir();
        if is_there {
            demand_handlers(root, &service)?;
        }
        match manifest.get("preview").and_then(toml::Value::as_str) {
            Some(flag) => service.is_to_come(&format!("in a preview: `{flag}`")),
            None if !is_there => service.is_to_come(TO_COME),
            None => {}
        }
        services.push(service);
    }
    if services.is_empty() { Err("models/ has no manifest".into()) } else { Ok(services) }
}

/// Every operation of a model.
fn operations(model: &Value) -> Result<BTreeSet<String>> {
    let operations =
        model.get("operations").and_then(Value::as_object).ok_or("a model without operations")?;
    Ok(operations.keys().cloned().collect())
}

/// An operation counts as built when it has the file of its handler and is registered.
fn demand_handlers(root: &Path, service: &Service) -> Result {
    let folder = root.join("crates/svc").join(&service.name).join("src/ops");
    let registrations = fs::read_to_string(folder.join("mod.rs")).unwrap_or_default();
    let without = |operation: &&str| {
        !folder.join(format!("{}.rs", snake_case(operation))).is_file()
            || !is_registered(&registrations, operation)
    };
    let missing: Vec<_> = service.built().filter(without).collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!("{}: no registered handler in src/ops for {}", service.name, missing.join(", ")).into())
    }
}

/// Whether the text of an `ops/mod.rs` has a handler for `operation`: an arm of its match that gives one.
fn is_registered(registrations: &str, operation: &str) -> bool {
    let arm = format!("Op::{operation} => ");
    registrations.split_once(&arm).is_some_and(|(_, value)| !value.starts_with("None"))
}

/// `AssumeRoleWithSAML` as `assume_role_with_saml`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    let mut before = None;
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        let after_word = before.is_some_and(|b: char| b.is_ascii_lowercase() || b.is_ascii_digit());
        let ends_acronym = before.is_some() && rest.peek().is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase() && (after_word || ends_acronym) {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
        before = Some(c);
    }
    snake
}

fn render(services: &[Service]) -> String {
    let mut page = String::from(
        "<!-- Written by `cargo xtask coverage`; do not edit. -->\n\
         # Coverage\n\n\
         The operations of each service's interface model. An operation that is not built answers with an error that says so.\n\n\
         | Service | Operations |\n|---|---|\n",
    );
    for service in services {
        let _ = writeln!(page, "| [{0}](#{0}) | {1} |", service.name, service.summary());
    }
    for service in services {
        let built: Vec<&str> = service.built().collect();
        let colon = if built.is_empty() { "" } else { ": " };
        let _ = writeln!(page, "\n## {}\n\n{}{colon}{}.", service.name, service.summary(), built.join(", "));
        if !service.absent.is_empty() {
            page.push_str("\n| Not built | Why |\n|---|---|\n");
            for (operation, reason) in &service.absent {
                let _ = writeln!(page, "| {operation} | {reason} |");
            }
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(manifest: &str) -> Result<Service> {
        let model = serde_json::json!({"operations": {"Decrypt": {}, "Encrypt": {}, "Sign": {}}});
        Service::new("kms", operations(&model)?, &manifest.parse()?)
    }

    #[test]
    fn the_page_counts_and_gives_reasons() {
        let kms = service("operations = ['Encrypt', 'Decrypt']\n[not_built]\nSign = 'needs a hand'").unwrap();
        let page = render(&[kms]);
        assert!(page.contains("| [kms](#kms) | 2 of 3 |"), "{page}");
        assert!(page.contains("2 of 3: Decrypt, Encrypt.\n"), "{page}");
        assert!(page.contains("| Sign | needs a hand |"), "{page}");
    }

    #[test]
    fn an_interface_without_a_service_counts_for_nothing() {
        let mut kms =
            service("operations = ['Encrypt', 'Decrypt']\n[not_built]\nSign = 'needs a hand'").unwrap();
        kms.is_to_come(TO_COME);
        let page = render(&[kms]);
        assert!(page.contains("\n0 of 3.\n"), "{page}");
        assert!(page.contains(&format!("| Encrypt | {TO_COME} |")), "{page}");
        assert!(page.contains("| Sign | needs a hand |"), "{page}");
    }

    #[test]
    fn a_manifest_that_does_not_fit_the_model_is_refused() {
        for (manifest, error) in [
            ("operations = ['Encrypt', 'Decrypt']", "Sign is in neither list"),
            ("operations = ['Encrypt', 'Decrypt', 'Sign', 'Seal']", "Seal is not in the model"),
            ("operations = ['Encrypt', 'Decrypt', 'Sign']\n[not_built]\nSign = 'no'", "Sign is both"),
            ("operations = ['Encrypt', 'Decrypt']\n[not_built]\nSign = ' '", "without a reason"),
        ] {
            let message = service(manifest).err().unwrap().to_string();
            assert!(message.contains(error), "{message}");
        }
    }

    #[test]
    fn an_arm_without_a_handler_registers_nothing() {
        let registrations = "Op::Encrypt => None,\nOp::Sign => registered::<Kms, Sign>(kms),\n";
        assert!(is_registered(registrations, "Sign"));
        assert!(!is_registered(registrations, "Encrypt"));
        assert!(!is_registered(registrations, "Verify"));
    }

    #[test]
    fn file_names() {
        for (operation, file) in [
            ("GenerateDataKeyWithoutPlaintext", "generate_data_key_without_plaintext"),
            ("AssumeRoleWithSAML", "assume_role_with_saml"),
            ("ReEncrypt", "re_encrypt"),
            ("ListSSHPublicKeys", "list_ssh_public_keys"),
            ("ListObjectsV2", "list_objects_v2"),
        ] {
            assert_eq!(snake_case(operation), file);
        }
    }
}
