//! Edits of files that people write too: line by line, so that what they wrote stays.

use crate::Result;
use crate::coverage::snake_case;

/// Moves `operation` from `[not_built]` to `operations` in the text of a manifest.
///
/// # Errors
/// It is built already, or the text is not a manifest.
pub(super) fn build(manifest: &str, operation: &str) -> Result<String> {
    let quoted = format!("    \"{operation}\",");
    let mut lines: Vec<&str> = manifest.lines().collect();
    if lines.contains(&quoted.as_str()) {
        return Err(format!("{operation} is in `operations` already").into());
    }
    let reason = format!("{operation} = ");
    lines.retain(|line| !line.starts_with(&reason));
    let open = lines
        .iter()
        .position(|line| *line == "operations = [")
        .ok_or("the manifest has no `operations = [` line")?;
    let names = lines.iter().skip(open + 1).take_while(|line| **line != "]");
    let before = names.filter(|line| **line < quoted.as_str()).count();
    lines.insert(open + 1 + before, &quoted);
    Ok(lines.join("\n") + "\n")
}

/// Registers `operation` in the text of an `ops/mod.rs`, in the way of an operation that is registered there.
///
/// # Errors
/// None is registered in a way that can be repeated.
pub(super) fn register(text: &str, operation: &str) -> Result<String> {
    let (sibling, value) = text
        .lines()
        .filter_map(arm)
        .find(|(name, value)| *value != "None" && value.contains(name))
        .ok_or("ops/mod.rs registers no operation in one line that could be repeated")?;
    list(
        text,
        operation,
        &value.replace(sibling, operation).replace(&snake_case(sibling), &snake_case(operation)),
    )
}

/// Enters the module of `operation` and its arm, which gives `value`, in the text of an `ops/mod.rs`, in alphabetical order.
///
/// # Errors
/// There is no `match op {`, or the operation has an arm already.
pub(super) fn list(text: &str, operation: &str, value: &str) -> Result<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let start =
        lines.iter().position(|line| line.trim() == "match op {").ok_or("ops/mod.rs has no `match op {`")?;
    let own = lines.iter().position(|line| arm(line).is_some_and(|(name, _)| name == operation));
    match own {
        // An operation of the interface that had no handler.
        Some(at) if lines.get(at).and_then(|line| arm(line)).is_some_and(|(_, value)| value == "None") => {
            lines.remove(at);
        }
        Some(_) => return Err(format!("{operation} is registered already").into()),
        None => {}
    }
    let arms = lines.iter().skip(start + 1);
    let smaller = |line: &String| arm(line).map_or(line.trim() != "}", |(name, _)| name < operation);
    let before = arms.take_while(|line| smaller(line)).count();
    lines.insert(start + 1 + before, format!("        Op::{operation} => {value},"));

    let module = format!("mod {};", snake_case(operation));
    let is_module = |line: &String| line.starts_with("mod ") && line.ends_with(';');
    let first = lines.iter().position(is_module);
    let at = match first {
        Some(first) => {
            first + lines.iter().skip(first).take_while(|line| is_module(line) && **line < module).count()
        }
        None => {
            let after_doc = lines.iter().position(|line| !line.starts_with("//!")).unwrap_or(lines.len());
            lines.insert(after_doc, String::new());
            after_doc + 1
        }
    };
    lines.insert(at, module);
    Ok(lines.join("\n") + "\n")
}

/// `Op::Name => value,` in one line.
fn arm(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.trim().strip_prefix("Op::")?.split_once(" => ")?;
    Some((name, value.strip_suffix(',')?))
}

/// Enters both crates of `service` in the text of the root manifest, after those of their kind that come before them.
///
/// # Errors
/// The text has no crate of that kind.
pub(super) fn add_crates(manifest: &str, service: &str) -> Result<String> {
    let mut lines: Vec<String> = manifest.lines().map(str::to_owned).collect();
    for kind in ["api", "svc"] {
        let prefix = format!("garrison-{kind}-");
        let last = lines
            .iter()
            .rposition(|line| line.starts_with(&prefix))
            .ok_or_else(|| format!("Cargo.toml names no {prefix}*"))?;
        lines.insert(last + 1, format!("{prefix}{service} = {{ path = \"crates/{kind}/{service}\" }}"));
    }
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "service = \"kms\"\n# Words of a person.\noperations = [\n    \"Decrypt\",\n    \"Sign\",\n]\n\n\
                            [not_built]\nEncrypt = \"later\"\nVerify = \"later\"\n";
    const OPS: &str = "//! The operations.\n\nmod decrypt;\nmod sign;\n\nuse x::Op;\n\nfn operation(op: Op) {\n    match op {\n        \
                       Op::Decrypt => registered::<Kms, operations::Decrypt>(kms),\n        Op::Encrypt => None,\n        \
                       Op::Sign => registered::<Kms, operations::Sign>(kms),\n    }\n}\n";

    #[test]
    fn an_operation_moves_to_what_is_built() {
        let built = build(MANIFEST, "Encrypt").unwrap();
        assert!(built.contains("    \"Decrypt\",\n    \"Encrypt\",\n    \"Sign\",\n]"), "{built}");
        assert!(
            !built.contains("Encrypt = ") && built.contains("Verify = ") && built.contains("# Words"),
            "{built}"
        );
        assert!(build(&built, "Encrypt").is_err());
        assert!(build("service = \"kms\"", "Encrypt").is_err());
    }

    #[test]
    fn an_operation_is_registered_as_its_siblings_are() {
        let registered = register(OPS, "Encrypt").unwrap();
        assert!(registered.contains("mod decrypt;\nmod encrypt;\nmod sign;\n"), "{registered}");
        let arms = "Decrypt>(kms),\n        Op::Encrypt => registered::<Kms, operations::Encrypt>(kms),\n        Op::Sign";
        assert!(registered.contains(arms), "{registered}");
        assert!(!registered.contains("None"), "{registered}");
        assert!(register(&registered, "Encrypt").is_err());
        let last = register(OPS, "Verify").unwrap();
        assert!(
            last.contains("(kms),\n        Op::Verify => registered::<Kms, operations::Verify>(kms),\n    }"),
            "{last}"
        );
        assert!(register("match op {\n}", "Encrypt").is_err());
    }

    #[test]
    fn the_first_operation_is_listed() {
        let listed = list("//! Doc.\n\nuse x::Op;\n\nmatch op {\n}\n", "Sign", "sign()").unwrap();
        assert_eq!(
            listed,
            "//! Doc.\n\nmod sign;\n\nuse x::Op;\n\nmatch op {\n        Op::Sign => sign(),\n}\n"
        );
    }

    #[test]
    fn both_crates_are_entered() {
        let root = "garrison-api-kms = { path = \"crates/api/kms\" }\ngarrison-store = 1\ngarrison-svc-kms = 1\nrest = 1\n";
        let entered = add_crates(root, "s3").unwrap();
        assert!(
            entered.contains("kms\" }\ngarrison-api-s3 = { path = \"crates/api/s3\" }\ngarrison-store"),
            "{entered}"
        );
        assert!(
            entered.contains("garrison-svc-kms = 1\ngarrison-svc-s3 = { path = \"crates/svc/s3\" }\nrest"),
            "{entered}"
        );
        assert!(add_crates("", "s3").is_err());
    }
}
