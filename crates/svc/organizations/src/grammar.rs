//! The JSON of management policies: settings in a tree, each with inheritance operators.
//!
//! Source: Organizations User Guide, "Inheritance operators".

use serde_json::{Map, Value};

const ASSIGN: &str = "@@assign";
const APPEND: &str = "@@append";
const REMOVE: &str = "@@remove";
const CONTROL: &str = "@@operators_allowed_for_child_policies";
const ALL: &str = "@@all";
const NONE: &str = "@@none";

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 24;

/// Which value-setting operators something allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operators {
    pub assign: bool,
    pub append: bool,
    pub remove: bool,
}

impl Operators {
    pub(crate) const ALL: Self = Self { assign: true, append: true, remove: true };

    /// What both allow.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            assign: self.assign && other.assign,
            append: self.append && other.append,
            remove: self.remove && other.remove,
        }
    }

    /// Whether something new may be added.
    pub(crate) fn adds(self) -> bool {
        self.assign || self.append
    }
}

/// A place in a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    pub assign: Option<Value>,
    pub append: Vec<Value>,
    pub remove: Vec<Value>,
    /// What policies further down may do here.
    pub allowed: Operators,
    /// What is below, in the order of the document.
    pub children: Vec<(String, Setting)>,
}

/// Reads a management policy. All of it is below `member`, where one is given.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn read(content: &str, member: Option<&str>) -> Result<Setting, String> {
    let value: Value = serde_json::from_str(content).map_err(|error| error.to_string())?;
    let Value::Object(members) = value else { return Err("a policy is a JSON object".to_owned()) };
    if members.is_empty() {
        return Err("the policy is empty".to_owned());
    }
    if let Some(member) = member
        && !members.keys().all(|name| name == member)
    {
        return Err(format!("everything is below `{member}`"));
    }
    setting(members, 0)
}

fn setting(members: Map<String, Value>, depth: usize) -> Result<Setting, String> {
    if depth > MAX_DEPTH {
        return Err("nested too deeply".to_owned());
    }
    let mut setting = Setting {
        assign: None,
        append: Vec::new(),
        remove: Vec::new(),
        allowed: Operators::ALL,
        children: Vec::new(),
    };
    for (name, value) in members {
        match (name.as_str(), value) {
            (ASSIGN, value @ (Value::Array(_) | Value::String(_) | Value::Bool(_) | Value::Number(_))) => {
                setting.assign = Some(value);
            }
            (APPEND, Value::Array(values)) => setting.append = scalars(values)?,
            (REMOVE, Value::Array(values)) => setting.remove = scalars(values)?,
            (CONTROL, Value::Array(values)) => setting.allowed = operators(&values)?,
            (operator, _) if operator.starts_with("@@") => {
                return Err(format!("`{operator}` is no operator with such a value"));
            }
            (_, Value::Object(members)) => {
                setting.children.push((name, self::setting(members, depth + 1)?));
            }
            _ => return Err(format!("`{name}` needs an operator")),
        }
    }
    if let Some(Value::Array(values)) = setting.assign.take_if(|value| value.is_array()) {
        setting.assign = Some(Value::Array(scalars(values)?));
    }
    let sets = setting.assign.is_some() || !setting.append.is_empty() || !setting.remove.is_empty();
    if sets && !setting.children.is_empty() {
        return Err("a setting has a value or settings below it, not both".to_owned());
    }
    Ok(setting)
}

fn scalars(values: Vec<Value>) -> Result<Vec<Value>, String> {
    let scalar = |value: &Value| matches!(value, Value::String(_) | Value::Bool(_) | Value::Number(_));
    if values.iter().all(scalar) { Ok(values) } else { Err("lists hold texts and numbers".to_owned()) }
}

fn operators(values: &[Value]) -> Result<Operators, String> {
    let mut allowed = Operators { assign: false, append: false, remove: false };
    for value in values {
        match value.as_str() {
            Some(ALL) => allowed = Operators::ALL,
            Some(NONE) if values.len() == 1 => {}
            Some(ASSIGN) => allowed.assign = true,
            Some(APPEND) => allowed.append = true,
            Some(REMOVE) => allowed.remove = true,
            _ => return Err(format!("`{CONTROL}` holds operators")),
        }
    }
    Ok(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_management_policy_is_refused() {
        for content in [
            "",
            "[]",
            "{}",
            r#"{"other":{}}"#,
            r#"{"tags":"x"}"#,
            r#"{"tags":{"a":{"tag_key":"Cost"}}}"#,
            r#"{"tags":{"a":{"tag_key":{"@@set":"x"}}}}"#,
            r#"{"tags":{"a":{"tag_value":{"@@append":"x"}}}}"#,
            r#"{"tags":{"a":{"tag_value":{"@@append":[{}]}}}}"#,
            r#"{"tags":{"a":{"tag_value":{"@@assign":[[]]}}}}"#,
            r#"{"tags":{"a":{"tag_value":{"@@assign":{"a":1}}}}}"#,
            r#"{"tags":{"a":{"tag_value":{"@@assign":"x","b":{"@@assign":"y"}}}}}"#,
            r#"{"tags":{"@@operators_allowed_for_child_policies":["@@none","@@assign"]}}"#,
            r#"{"tags":{"@@operators_allowed_for_child_policies":["assign"]}}"#,
        ] {
            assert!(read(content, Some("tags")).is_err(), "{content}");
        }
        let deep = format!("{}{}", r#"{"tags":"#.repeat(40), "}".repeat(40));
        assert!(read(&deep, None).is_err());
    }

    #[test]
    fn operators_are_read() {
        let content = r#"{"tags":{"@@operators_allowed_for_child_policies":["@@assign"],
            "a":{"tag_value":{"@@append":["x"],"@@remove":["y"]}}}}"#;
        let policy = read(content, Some("tags")).unwrap();
        let (name, tags) = &policy.children[0];
        assert_eq!(name, "tags");
        assert_eq!(tags.allowed, Operators { assign: true, append: false, remove: false });
        let value = &tags.children[0].1.children[0].1;
        assert_eq!((value.append.len(), value.remove.len()), (1, 1));
        assert!(value.assign.is_none());
    }
}
