//! The files of `testdata`.

use serde_json::Value;

/// Reads a file of `testdata`.
pub(crate) fn load(name: &str) -> Value {
    let path = format!("{}/testdata/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The elements of a list in such a file.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}
