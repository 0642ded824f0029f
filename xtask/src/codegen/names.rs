//! From the model's names to Rust's.

/// The words of a name: `KMSInvalidMacException` is `KMS Invalid Mac Exception`, `HasCMKs` is `Has CMKs`.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('_');
    let mut words = vec![String::new()];
    for (i, &c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            words.push(String::new());
            continue;
        }
        if c.is_ascii_uppercase() && i > 0 {
            let before = at(i - 1);
            let plural_after = at(i + 1) == 's' && !at(i + 2).is_ascii_lowercase();
            let starts_word = before.is_ascii_uppercase() && at(i + 1).is_ascii_lowercase() && !plural_after;
            if before.is_ascii_lowercase() || before.is_ascii_digit() || starts_word {
                words.push(String::new());
            }
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `KeyId` is `key_id`.
fn snake(name: &str) -> String {
    words(name).iter().map(|word| word.to_ascii_lowercase()).collect::<Vec<_>>().join("_")
}

/// The name of a function or part of one.
pub(super) fn function(name: &str) -> String {
    snake(name)
}

/// The name of a structure's field; a keyword is written raw.
pub(super) fn field(name: &str) -> String {
    const KEYWORDS: &[&str] = &[
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
        "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
        "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static",
        "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where",
        "while", "yield",
    ];
    let name = snake(name);
    if ["self", "super", "crate"].contains(&name.as_str()) {
        format!("{name}_")
    } else if KEYWORDS.contains(&name.as_str()) {
        format!("r#{name}")
    } else {
        name
    }
}

/// The name of a constant: `KeyId` is `KEY_ID`.
pub(super) fn constant(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

/// The name of a type: the shape's own with a capital first, unless Rust's prelude has it.
pub(super) fn type_name(shape: &str) -> String {
    const TAKEN: &[&str] = &[
        "BTreeMap",
        "Blob",
        "Box",
        "Default",
        "Err",
        "None",
        "Ok",
        "Option",
        "Result",
        "SensitiveBlob",
        "SensitiveString",
        "Some",
        "String",
        "Timestamp",
        "Vec",
    ];
    let mut chars = shape.chars();
    let name: String = chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect();
    if TAKEN.contains(&name.as_str()) { format!("{name}Shape") } else { name }
}

/// The name of an enum's variant: `ECC_NIST_P256` is `EccNistP256`.
pub(super) fn variant(value: &str) -> String {
    let mut name = String::new();
    for word in words(value) {
        let mut chars = word.chars();
        name.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        name.push_str(&chars.as_str().to_ascii_lowercase());
    }
    match name.chars().next() {
        None => "Empty".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("V{name}"),
        Some(_) if name == "Unknown" || name == "Self" => format!("{name}Value"),
        Some(_) => name,
    }
}

/// The text as a Rust string literal.
pub(super) fn literal(text: &str) -> String {
    format!("{text:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_rusts() {
        for (name, expected) in [
            ("KeyId", "key_id"),
            ("KMSInvalidMacException", "kms_invalid_mac_exception"),
            ("CustomKeyStoreHasCMKsException", "custom_key_store_has_cmks_exception"),
            ("ARN", "arn"),
            ("SourceArns", "source_arns"),
            ("IPAddress", "ip_address"),
            ("S3KeyPrefix", "s3_key_prefix"),
            ("Type", "r#type"),
            ("Self", "self_"),
        ] {
            assert_eq!(field(name), expected);
        }
        for (value, expected) in [
            ("ECC_NIST_P256", "EccNistP256"),
            ("SYMMETRIC_DEFAULT", "SymmetricDefault"),
            ("ML_DSA_44", "MlDsa44"),
            ("EventId", "EventId"),
            ("aws:kms", "AwsKms"),
            ("1.0", "V10"),
            ("UNKNOWN", "UnknownValue"),
        ] {
            assert_eq!(variant(value), expected);
        }
        assert_eq!(type_name("Option"), "OptionShape");
        assert_eq!(type_name("arnType"), "ArnType");
    }
}
