//! The crates of the workspace and what each names.

use std::path::Path;

use serde_json::Value;

use crate::Result;

/// Who names whom.
#[derive(Default)]
pub(super) struct Graph {
    pub(super) crates: Vec<Crate>,
}

/// One member of the workspace.
pub(super) struct Crate {
    pub(super) name: String,
    /// Its folder, from the root of the checkout, with `/` between the parts.
    pub(super) folder: String,
    pub(super) dependencies: Vec<Dependency>,
}

/// One line of a manifest.
pub(super) struct Dependency {
    /// The package, not the name that it is given in the manifest.
    pub(super) name: String,
    /// Only tests, examples and benchmarks see it.
    pub(super) dev: bool,
}

impl Graph {
    /// Reads what `cargo metadata --no-deps` says of the workspace in `root`.
    ///
    /// # Errors
    /// It does not have cargo's form.
    pub(super) fn read(metadata: &Value, root: &Path) -> Result<Self> {
        let packages =
            metadata.get("packages").and_then(Value::as_array).ok_or("cargo metadata lists no packages")?;
        let crates = packages
            .iter()
            .map(|package| read_crate(package, root).ok_or("cargo metadata: a package in an unknown form"));
        Ok(Self { crates: crates.collect::<Result<_, _>>()? })
    }

    /// The member called `name`.
    pub(super) fn find(&self, name: &str) -> Option<&Crate> {
        self.crates.iter().find(|krate| krate.name == name)
    }
}

fn read_crate(package: &Value, root: &Path) -> Option<Crate> {
    let manifest = Path::new(package.get("manifest_path")?.as_str()?);
    let dependencies = package.get("dependencies")?.as_array()?.iter().map(|dependency| {
        let kind = dependency.get("kind").and_then(Value::as_str);
        Some(Dependency { name: dependency.get("name")?.as_str()?.to_owned(), dev: kind == Some("dev") })
    });
    Some(Crate {
        name: package.get("name")?.as_str()?.to_owned(),
        folder: manifest.parent()?.strip_prefix(root).ok()?.to_str()?.to_owned(),
        dependencies: dependencies.collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_form_is_read() {
        let metadata = serde_json::json!({"packages": [{
            "name": "garrison-wire", "manifest_path": "/x/crates/wire/Cargo.toml",
            "dependencies": [{"name": "memchr", "kind": null}, {"name": "proptest", "kind": "dev"}],
        }]});
        let graph = Graph::read(&metadata, Path::new("/x")).unwrap();
        let wire = graph.find("garrison-wire").unwrap();
        assert_eq!(wire.folder, "crates/wire");
        let seen: Vec<_> = wire.dependencies.iter().map(|d| (d.name.as_str(), d.dev)).collect();
        assert_eq!(seen, [("memchr", false), ("proptest", true)]);
    }

    #[test]
    fn another_form_is_an_error() {
        assert!(Graph::read(&serde_json::json!({"packages": [{"name": "x"}]}), Path::new("/x")).is_err());
    }
}
