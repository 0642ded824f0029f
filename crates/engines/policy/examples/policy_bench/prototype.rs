//! What a first prototype of an evaluator does, to compare with: effect, action, resource and three kinds of conditions,
//! statement after statement. No principals, variables, sets, ARN fields, reasons or policies that deny what they cannot read.

use std::collections::HashMap;

use serde_json::Value;

pub(crate) struct Statement {
    allow: bool,
    negated: bool,
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Vec<(Kind, String, Vec<String>)>,
}

enum Kind {
    Equals,
    NotEquals,
    Bool,
    Ignored,
}

pub(crate) fn read(text: &str) -> Vec<Statement> {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let list = |value: &Value| match value {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        single => vec![single.clone()],
    };
    let texts =
        |value: &Value| list(value).iter().filter_map(|item| item.as_str().map(str::to_owned)).collect();
    let kind = |name: &str| match name {
        "StringEquals" => Kind::Equals,
        "StringNotEquals" | "StringNotEqualsIfExists" => Kind::NotEquals,
        "Bool" => Kind::Bool,
        _ => Kind::Ignored,
    };
    let at = |value: &Value, name: &str| value.get(name).cloned().unwrap_or_default();
    let statements = list(&at(&document, "Statement"));
    let read = |statement: &Value| {
        let negated = statement.get("NotAction").is_some();
        let conditions = at(statement, "Condition");
        let blocks = conditions.as_object().into_iter().flatten().flat_map(|(name, keys)| {
            keys.as_object()
                .into_iter()
                .flatten()
                .map(|(key, values)| (kind(name), key.clone(), texts(values)))
        });
        Statement {
            allow: at(statement, "Effect") == "Allow",
            negated,
            actions: texts(&at(statement, if negated { "NotAction" } else { "Action" })),
            resources: texts(&at(statement, "Resource")),
            conditions: blocks.collect(),
        }
    };
    statements.iter().map(read).collect()
}

fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            glob(rest, text) || text.split_first().is_some_and(|(_, tail)| glob(pattern, tail))
        }
        (Some((b'?', rest)), Some((_, tail))) => glob(rest, tail),
        (Some((a, rest)), Some((b, tail))) => a.eq_ignore_ascii_case(b) && glob(rest, tail),
        _ => false,
    }
}

pub(crate) struct Ask<'a> {
    pub(crate) action: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) context: HashMap<&'a str, &'a str>,
}

/// Whether the statements allow, deny, or neither.
pub(crate) fn decide(statements: &[Statement], ask: &Ask<'_>) -> Option<bool> {
    let mut answer = None;
    for statement in statements {
        let action = statement.actions.iter().any(|p| glob(p.as_bytes(), ask.action.as_bytes()));
        let applies = action != statement.negated
            && statement.resources.iter().any(|p| glob(p.as_bytes(), ask.resource.as_bytes()))
            && statement.conditions.iter().all(|(kind, key, values)| {
                let given = ask.context.get(key.as_str());
                let equal = given.is_some_and(|given| values.iter().any(|value| value == given));
                match kind {
                    Kind::Equals | Kind::Bool => equal,
                    Kind::NotEquals => !equal,
                    Kind::Ignored => true,
                }
            });
        if applies && !statement.allow {
            return Some(false);
        }
        if applies {
            answer = Some(true);
        }
    }
    answer
}

/// Identity and boundary and SCPs and RCPs must allow, the resource policy must not deny.
pub(crate) fn decide_stack(limits: &[Vec<Statement>], resource: &[Statement], ask: &Ask<'_>) -> bool {
    limits.iter().all(|policy| decide(policy, ask) == Some(true)) && decide(resource, ask) != Some(false)
}
