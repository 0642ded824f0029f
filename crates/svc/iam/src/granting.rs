//! Which services a policy gives access to.
//!
//! Source: IAM API Reference, "ListPoliciesGrantingServiceAccess": resources and conditions are not looked at, nor what other
//! policies deny.

use garrison_policy::{Limits, PolicyDocument, Statement};

/// Whether a policy allows any action of a service, by the prefix of its actions. One that cannot be read allows nothing.
pub(crate) fn grants(text: &str, service: &str) -> bool {
    let document = PolicyDocument::parse(text.as_bytes(), &Limits::default());
    document.is_ok_and(|document| {
        document.statements.iter().any(|statement| statement_grants(statement, service))
    })
}

fn statement_grants(statement: &Statement, service: &str) -> bool {
    let patterns = &statement.action.patterns;
    if !statement.allow {
        return false;
    }
    if statement.action.negated {
        // Everything but these: some action is left unless one of them is the whole service.
        let whole = |pattern: &str| {
            pattern == "*" || split(pattern).is_some_and(|(of, name)| name == "*" && matches(of, service))
        };
        return !patterns.iter().any(|pattern| whole(pattern));
    }
    patterns
        .iter()
        .any(|pattern| pattern == "*" || split(pattern).is_some_and(|(of, _)| matches(of, service)))
}

/// The services that a policy names literally in what it allows.
pub(crate) fn named_services(text: &str) -> Vec<String> {
    let Ok(document) = PolicyDocument::parse(text.as_bytes(), &Limits::default()) else { return Vec::new() };
    let allowing =
        document.statements.iter().filter(|statement| statement.allow && !statement.action.negated);
    let prefixes =
        allowing.flat_map(|statement| &statement.action.patterns).filter_map(|pattern| split(pattern));
    let literal =
        prefixes.map(|(service, _)| service.to_ascii_lowercase()).filter(|name| !name.contains(['*', '?']));
    literal.collect()
}

fn split(pattern: &str) -> Option<(&str, &str)> {
    pattern.split_once(':')
}

/// Whether a name fits a pattern with `*` and `?`, whatever the case.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_ascii_lowercase(), name.to_ascii_lowercase());
    // Which lengths of the pattern's beginning fit the name's beginning so far.
    let pattern: Vec<char> = pattern.chars().collect();
    let mut fits: Vec<bool> = std::iter::once(true)
        .chain(pattern.iter().scan(true, |stars, c| {
            *stars &= *c == '*';
            Some(*stars)
        }))
        .collect();
    for character in name.chars() {
        let before = fits.clone();
        let was = |at: usize| before.get(at).copied().unwrap_or_default();
        let mut left = false;
        for (at, fit) in fits.iter_mut().enumerate() {
            *fit = match at.checked_sub(1).and_then(|at| pattern.get(at)) {
                Some('*') => was(at) || left,
                Some(c) => (*c == '?' || *c == character) && was(at - 1),
                None => false,
            };
            left = *fit;
        }
    }
    fits.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(effect: &str, element: &str, patterns: &[&str]) -> String {
        let statement = serde_json::json!({"Effect": effect, element: patterns, "Resource": "*"});
        serde_json::json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    }

    #[test]
    fn services_are_granted_by_any_action() {
        for (effect, element, patterns, expected) in [
            ("Allow", "Action", &["kms:Decrypt"][..], true),
            ("Allow", "Action", &["KMS:*"], true),
            ("Allow", "Action", &["*"], true),
            ("Allow", "Action", &["k*:Decrypt"], true),
            ("Allow", "Action", &["k?s:Decrypt"], true),
            ("Allow", "Action", &["kms2:Decrypt", "s3:*"], false),
            ("Deny", "Action", &["kms:Decrypt"], false),
            ("Allow", "NotAction", &["kms:Decrypt"], true),
            ("Allow", "NotAction", &["s3:*"], true),
            ("Allow", "NotAction", &["kms:*"], false),
            ("Allow", "NotAction", &["*"], false),
        ] {
            assert_eq!(
                grants(&policy(effect, element, patterns), "kms"),
                expected,
                "{effect} {element} {patterns:?}"
            );
        }
        assert!(!grants("{}", "kms"));
        let named = named_services(&policy("Allow", "Action", &["S3:GetObject", "k*:x", "*", "sqs:*"]));
        assert_eq!(named, ["s3", "sqs"]);
    }

    #[test]
    fn patterns_match_as_everywhere() {
        for (pattern, name, expected) in [
            ("kms", "kms", true),
            ("k*", "kms", true),
            ("*s", "kms", true),
            ("*m*", "kms", true),
            ("k??", "kms", true),
            ("k?", "kms", false),
            ("**", "", true),
            ("", "", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
