//! models/patches/<service>.json: what Garrison changes in a model, each with its reason.
//!
//! A list of `{"op": "add" | "replace" | "remove", "path": "/shapes/…", "value": …, "why": "…"}`. The paths are
//! JSON Pointers (RFC 6901) and the operations those of JSON Patch (RFC 6902) on objects; `why` is mandatory.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use super::Result;

/// Applies the patches of the file, if it is there, in order.
pub(super) fn apply(path: &Path, model: &mut Value) -> Result {
    if !path.exists() {
        return Ok(());
    }
    let patches: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    for patch in patches.as_array().ok_or("the patches are not a list")? {
        let text = |key: &str| patch.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let target = text("path").ok_or("a patch has no path")?;
        if text("why").is_none() {
            return Err(format!("the patch of {target} does not say why").into());
        }
        let op = text("op").unwrap_or_default();
        apply_one(model, op, target, patch.get("value"))
            .ok_or(format!("the patch of {target} does not fit"))?;
    }
    Ok(())
}

fn apply_one(model: &mut Value, op: &str, target: &str, value: Option<&Value>) -> Option<()> {
    let (parent, key) = target.rsplit_once('/')?;
    let key = key.replace("~1", "/").replace("~0", "~");
    let parent: &mut Map<String, Value> = model.pointer_mut(parent)?.as_object_mut()?;
    match (op, parent.contains_key(&key)) {
        ("add", false) | ("replace", true) => {
            parent.insert(key, value?.clone()).map_or(Some(()), |_| Some(()))
        }
        ("remove", true) => parent.shift_remove(&key).map(|_| ()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patches_fit_or_fail() {
        let model = json!({"shapes": {"A/B": {"max": 1}}});
        for (op, path, expected) in [
            ("remove", "/shapes/A~1B/max", Some(json!({"shapes": {"A/B": {}}}))),
            ("replace", "/shapes/A~1B/max", Some(json!({"shapes": {"A/B": {"max": 2}}}))),
            ("add", "/shapes/A~1B/min", Some(json!({"shapes": {"A/B": {"max": 1, "min": 2}}}))),
            ("add", "/shapes/A~1B/max", None),
            ("replace", "/shapes/A~1B/min", None),
            ("remove", "/shapes/C", None),
            ("shuffle", "/shapes/A~1B/max", None),
        ] {
            let mut patched = model.clone();
            let done = apply_one(&mut patched, op, path, Some(&json!(2)));
            assert_eq!(done.map(|()| patched), expected, "{op} {path}");
        }
    }
}
