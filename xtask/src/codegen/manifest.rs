//! models/<service>.toml: which operations of a model are built, and why the others are not.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::Result;
use super::model::Model;

/// One service's manifest.
pub(super) struct Manifest {
    /// Garrison's name of the service, which is the file's too.
    pub service: String,
    /// CloudTrail's name for it, when it is not that of its endpoint.
    pub event_source: Option<String>,
    /// The operations that are built, sorted.
    pub operations: Vec<String>,
    /// Every other operation of the model, with the reason.
    pub not_built: BTreeMap<String, String>,
}

impl Manifest {
    /// Every manifest in the folder, sorted by service.
    pub(super) fn read_all(models: &Path) -> Result<Vec<Self>> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(models)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                paths.push(path);
            }
        }
        paths.sort();
        paths
            .iter()
            .map(|path| Self::read(path).map_err(|e| format!("{}: {e}", path.display()).into()))
            .collect()
    }

    fn read(path: &Path) -> Result<Self> {
        let table: toml::Table = fs::read_to_string(path)?.parse()?;
        let service =
            table.get("service").and_then(toml::Value::as_str).ok_or("`service` is missing")?.to_owned();
        if path.file_stem().is_none_or(|stem| stem != service.as_str()) {
            return Err("`service` is not the file's name".into());
        }
        let event_source = table.get("event_source").and_then(toml::Value::as_str).map(str::to_owned);
        let mut operations = Vec::new();
        for value in
            table.get("operations").and_then(toml::Value::as_array).ok_or("`operations` is missing")?
        {
            operations.push(value.as_str().ok_or("an operation is not a string")?.to_owned());
        }
        if !operations.is_sorted() {
            return Err("`operations` is not sorted".into());
        }
        let mut not_built = BTreeMap::new();
        for (operation, reason) in
            table.get("not_built").and_then(toml::Value::as_table).into_iter().flatten()
        {
            let reason = reason.as_str().filter(|reason| !reason.is_empty()).ok_or("a reason is missing")?;
            not_built.insert(operation.clone(), reason.to_owned());
        }
        Ok(Self { service, event_source, operations, not_built })
    }

    /// Every operation of the model stands in exactly one of the two lists.
    pub(super) fn check(&self, model: &Model) -> Result {
        for operation in model.operations.keys() {
            match (self.operations.contains(operation), self.not_built.contains_key(operation)) {
                (true, true) => return Err(format!("{operation} is both built and not built").into()),
                (false, false) => {
                    return Err(format!("{operation} is in neither list of the manifest").into());
                }
                _ => {}
            }
        }
        match self
            .operations
            .iter()
            .chain(self.not_built.keys())
            .find(|name| !model.operations.contains_key(*name))
        {
            Some(stranger) => Err(format!("{stranger} is not in the model").into()),
            None => Ok(()),
        }
    }
}
