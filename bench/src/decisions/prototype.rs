//! What a first prototype of an evaluator does, to compare with: effect, action, resource and three kinds of conditions
//! (`StringEquals`, `StringNotEquals`, `Bool`), statement after statement. No principals, variables, sets, ARN fields,
//! reasons or policies that deny what they cannot read.

use std::collections::HashMap;

use serde_json::Value;

pub(super) struct Statement {
    allow: bool,
    negated: bool,
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Vec<(Kind, String, Vec<String>)>,
}

enum Kind {
    Equals,
    /// With and without `IfExists`.
    NotEquals,
    Bool,
}

/// Reads a policy; none when it says something that the prototype does not know.
pub(super) fn read(text: &str) -> Option<Vec<Statement>> {
    let document: Value = serde_json::from_str(text).ok()?;
    list(document.get("Statement")).map(read_statement).collect()
}

fn read_statement(statement: &Value) -> Option<Statement> {
    let negated = statement.get("NotAction").is_some();
    let blocks = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
    let mut conditions = Vec::new();
    for (name, keys) in blocks {
        for (key, values) in keys.as_object()? {
            let kind = match name.as_str() {
                "StringEquals" => Kind::Equals,
                "StringNotEquals" | "StringNotEqualsIfExists" => Kind::NotEquals,
                "Bool" => Kind::Bool,
                _ => return None,
            };
            conditions.push((kind, key.clone(), texts(Some(values))));
        }
    }
    Some(Statement {
        allow: statement.get("Effect")? == "Allow",
        negated,
        actions: texts(statement.get(if negated { "NotAction" } else { "Action" })),
        resources: texts(statement.get("Resource")),
        conditions,
    })
}

/// One value stands for a list of one.
fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    match value {
        Some(Value::Array(items)) => items.as_slice(),
        single => single.map(std::slice::from_ref).unwrap_or_default(),
    }
    .iter()
}

fn texts(value: Option<&Value>) -> Vec<String> {
    list(value).filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// Whether a pattern with `*` and `?` matches, in any case. In time proportional to the text, as a rule: only the last `*`
/// is ever gone back to.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while let Some(found) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(wanted) if *wanted == b'?' || wanted.eq_ignore_ascii_case(found) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    (p, t) = (at + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|rest| *rest == b'*')
}

pub(super) struct Ask<'a> {
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
    pub(super) context: HashMap<&'a str, &'a str>,
}

/// Whether the statements allow, deny, or neither.
fn decide(statements: &[Statement], ask: &Ask<'_>) -> Option<bool> {
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
pub(super) fn decide_stack(limits: &[Vec<Statement>], resource: &[Statement], ask: &Ask<'_>) -> bool {
    limits.iter().all(|policy| decide(policy, ask) == Some(true)) && decide(resource, ask) != Some(false)
}
