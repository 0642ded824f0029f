//! Texts with names in braces.

use super::Model;

pub(super) const OPERATION: &str = include_str!("templates/operation.rs.txt");
pub(super) const README: &str = include_str!("templates/README.md.txt");
pub(super) const SERVICE: &str = include_str!("templates/service.rs.txt");
pub(super) const SERVICE_LIB: &str = include_str!("templates/service-lib.rs.txt");
pub(super) const OPS: &str = include_str!("templates/ops.rs.txt");
pub(super) const REGISTRATION: &str = "registered::<_, operations::{Operation}>(service)";
const CRATE: &str = include_str!("templates/crate.toml.txt");

/// What the names stand for.
#[derive(Clone)]
pub(super) struct Template {
    values: Vec<(&'static str, String)>,
}

impl Template {
    /// The names that every text of a service may have. `service_type` is the Rust type.
    pub(super) fn new(service: &str, service_type: &str, model: &Model) -> Self {
        let values = vec![
            ("{service}", service.to_owned()),
            ("{Type}", service_type.to_owned()),
            ("{FullName}", model.full_name.clone()),
            ("{prefix}", model.prefix.clone()),
            ("{uid}", model.uid.clone()),
        ];
        Self { values }
    }

    /// Adds the names of an operation. How it is audited is a guess from its verb, for its author to check.
    pub(super) fn operation(mut self, operation: &str) -> Self {
        let looks =
            ["Describe", "Get", "List", "Lookup", "Search"].iter().any(|verb| operation.starts_with(verb));
        self.values.push(("{Operation}", operation.to_owned()));
        self.values.push(("{access}", if looks { "read" } else { "write" }.to_owned()));
        self
    }

    /// `text` with every name replaced.
    pub(super) fn fill(&self, text: &str) -> String {
        self.values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    /// The manifest of the service's crate of this kind, `api` or `svc`.
    pub(super) fn crate_manifest(&self, kind: &str) -> String {
        let dependencies: &[&str] = match kind {
            "api" => &["garrison-schema", "garrison-types"],
            _ => &["garrison-api-{service}", "garrison-kernel", "garrison-schema"],
        };
        let lines: Vec<_> = dependencies.iter().map(|name| format!("{name}.workspace = true")).collect();
        self.fill(&CRATE.replace("{kind}", kind).replace("{dependencies}", &lines.join("\n")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stays_open() {
        let model = Model {
            uid: "kms-2014-11-01".into(),
            prefix: "kms".into(),
            id: "KMS".into(),
            full_name: "AWS Key Management Service".into(),
            operations: vec![],
        };
        let template = Template::new("kms", "Kms", &model).operation("GetKeyPolicy");
        for text in [OPERATION, README, SERVICE, SERVICE_LIB, OPS, REGISTRATION] {
            let filled = template.fill(text);
            for (name, _) in &template.values {
                assert!(!filled.contains(name), "{name} in\n{filled}");
            }
        }
        assert!(template.fill(OPERATION).contains("Access::read(\"kms:GetKeyPolicy\")"));
        assert!(template.crate_manifest("svc").contains("name = \"garrison-svc-kms\""));
        assert!(template.crate_manifest("svc").contains("garrison-api-kms.workspace = true\n"));
    }
}
