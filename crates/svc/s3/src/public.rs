//! Whether a bucket policy is public.
//!
//! Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", section "The meaning of public".

use serde_json::Value;

/// Condition keys that bind a statement to somebody, when their values are fixed.
const BINDING_KEYS: [&str; 16] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:vpcsourceip",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// Whether a policy lets anybody in: one that cannot be read counts as one that does.
pub(crate) fn is_public(policy: &str) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(policy) else { return true };
    let statement = document.get("Statement").unwrap_or(&Value::Null);
    each(statement).any(is_public_statement)
}

fn is_public_statement(statement: &Value) -> bool {
    let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
    allows && names_everybody(statement) && !is_bound(statement)
}

fn names_everybody(statement: &Value) -> bool {
    match statement.get("Principal") {
        // Everybody but somebody.
        None => true,
        Some(Value::String(name)) => name.contains('*'),
        Some(Value::Object(kinds)) => {
            kinds.values().flat_map(each).any(|name| name.as_str().is_none_or(|name| name.contains('*')))
        }
        Some(_) => true,
    }
}

/// Whether one of its conditions holds for few only.
fn is_bound(statement: &Value) -> bool {
    let Some(Value::Object(operators)) = statement.get("Condition") else { return false };
    operators.iter().any(|(operator, keys)| {
        let operator = operator.to_ascii_lowercase();
        // Negated ones, and those that absent keys satisfy, bind nobody.
        let binds = !operator.contains("not")
            && !operator.ends_with("ifexists")
            && !operator.starts_with("forallvalues:")
            && operator != "null";
        let Value::Object(keys) = keys else { return false };
        binds && keys.iter().any(|(key, values)| is_fixed(&key.to_ascii_lowercase(), values))
    })
}

fn is_fixed(key: &str, values: &Value) -> bool {
    if !BINDING_KEYS.contains(&key) {
        return false;
    }
    let mut values = each(values).peekable();
    values.peek().is_some()
        && values.all(|value| {
            let Some(text) = value.as_str() else { return false };
            match key {
                "aws:sourceip" | "aws:vpcsourceip" => is_narrow_network(text),
                // A role's sessions: the id of the role is fixed.
                "aws:userid" => !text.split(':').next().unwrap_or_default().contains('*') && !text.is_empty(),
                // An ARN whose account is fixed.
                "aws:sourcearn" | "aws:principalarn" | "s3:dataaccesspointarn" => {
                    text.split(':').nth(4).is_some_and(|account| !account.contains(['*', '?']))
                        || (key == "aws:sourcearn" && !text.contains(['*', '?']))
                }
                _ => !text.contains(['*', '?', '$']),
            }
        })
}

/// Beyond a /8 (IPv4) or /32 (IPv6) a network is as good as everybody.
fn is_narrow_network(text: &str) -> bool {
    let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
    let Ok(address) = address.parse::<std::net::IpAddr>() else { return false };
    let widest = if address.is_ipv4() { 8 } else { 32 };
    length.is_none_or(|length| length.parse::<u8>().is_ok_and(|length| length >= widest))
}

/// One value, or those of a list.
pub(crate) fn each(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(values) => values.as_slice(),
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
    .iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_meaning_of_public() {
        let account = r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"}"#;
        let anybody = r#""Principal":"*""#;
        for (effect, principal, condition, public) in [
            ("Allow", anybody, "", true),
            ("Deny", anybody, "", false),
            ("Allow", account, "", false),
            ("Allow", r#""Principal":{"AWS":"*"}"#, "", true),
            ("Allow", r#""Principal":{"AWS":["111122223333","*"]}"#, "", true),
            ("Allow", r#""Principal":{"Service":"logging.s3.amazonaws.com"}"#, "", false),
            ("Allow", r#""NotPrincipal":{"AWS":"111122223333"}"#, "", true),
            ("Allow", anybody, r#""StringEquals":{"aws:SourceVpc":"vpc-91237329"}"#, false),
            ("Allow", anybody, r#""StringLike":{"aws:SourceVpc":"vpc-*"}"#, true),
            ("Allow", anybody, r#""StringNotEquals":{"aws:SourceVpc":"vpc-1"}"#, true),
            ("Allow", anybody, r#""StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}"#, true),
            ("Allow", anybody, r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#, false),
            ("Allow", anybody, r#""IpAddress":{"aws:SourceIp":["203.0.113.0/24","0.0.0.0/1"]}"#, true),
            ("Allow", anybody, r#""StringEquals":{"aws:PrincipalOrgID":"o-1"}"#, false),
            ("Allow", anybody, r#""StringEquals":{"s3:prefix":"a"}"#, true),
            ("Allow", anybody, r#""ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}"#, false),
            ("Allow", anybody, r#""ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}"#, true),
        ] {
            let policy = format!(
                r#"{{"Statement":[{{"Effect":"{effect}",{principal},"Action":"s3:*","Resource":"*","Condition":{{{condition}}}}}]}}"#
            );
            assert_eq!(is_public(&policy), public, "{policy}");
        }
        assert!(is_public("{"));
        assert!(!is_public("{}"));
    }
}
