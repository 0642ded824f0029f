//! The policy document as written: parsed, not yet interpreted.

use crate::error::PolicyError;
use crate::json::{self, Node};

/// How much of a document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes.
    pub bytes: usize,
    /// The deepest nesting of JSON; a policy needs seven.
    pub depth: usize,
    /// The most statements.
    pub statements: usize,
    /// The most actions, resources, principals and condition values, all together.
    pub values: usize,
}

impl Default for Limits {
    /// 128 KiB (the longest that any AWS model admits), 16 levels, 2,000 statements, 20,000 values.
    fn default() -> Self {
        Self { bytes: 131_072, depth: 16, statements: 2_000, values: 20_000 }
    }
}

/// The version of the policy language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// `2008-10-17`, also when the element is absent: `${` has no meaning.
    #[default]
    V2008,
    /// `2012-10-17`: policy variables.
    V2012,
}

/// A policy document.
///
/// Source: IAM User Guide, "Grammar of the IAM JSON policy language".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDocument {
    /// `Version`.
    pub version: Version,
    /// `Id`.
    pub id: Option<String>,
    /// `Statement`, at least one.
    pub statements: Vec<Statement>,
}

/// One statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// `Sid`.
    pub sid: Option<String>,
    /// `Effect`: true for `Allow`, false for `Deny`.
    pub allow: bool,
    /// `Principal` or `NotPrincipal`.
    pub principal: Option<PrincipalElement>,
    /// `Action` or `NotAction`, at least one pattern.
    pub action: Selector,
    /// `Resource` or `NotResource`, at least one pattern.
    pub resource: Option<Selector>,
    /// `Condition`: all of them must hold.
    pub conditions: Vec<ConditionBlock>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalElement {
    /// Whether it is `NotPrincipal`.
    pub negated: bool,
    /// The principals, at least one; `"Principal": "*"` is `(Aws, "*")`.
    pub entries: Vec<(PrincipalType, String)>,
}

/// The types of principals that a policy can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalType {
    /// Accounts, users, roles, sessions.
    Aws,
    /// AWS services.
    Service,
    /// Identity providers.
    Federated,
    /// Canonical user ids of S3.
    CanonicalUser,
}

/// A list of patterns, or of exceptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// Whether it is `NotAction` or `NotResource`.
    pub negated: bool,
    /// The patterns as written.
    pub patterns: Vec<String>,
}

/// One operator applied to one condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionBlock {
    /// The operator as written, for example `ForAnyValue:StringLike`.
    pub operator: String,
    /// The key as written.
    pub key: String,
    /// The values; numbers and booleans as text.
    pub values: Vec<String>,
}

impl PolicyDocument {
    /// Reads a policy document.
    ///
    /// Accepted is whatever has the shape of a policy, of any kind and with any condition operator:
    /// [`validate`](Self::validate) says whether it may be stored as a policy of some kind, and
    /// [`CompiledPolicy`](crate::CompiledPolicy) denies what it cannot understand.
    ///
    /// # Errors
    /// When it is larger than `limits`, is no JSON, has an element twice, lacks one, or has one that the policy
    /// language does not know.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, PolicyError> {
        Self::from_node(json::read(bytes, limits)?, limits)
    }

    pub(crate) fn from_node(node: Node, limits: &Limits) -> Result<Self, PolicyError> {
        let Node::Object(members) = node else { return Err(syntax("A policy is a JSON object.")) };
        let mut reader = Reader { values_left: limits.values, limits };
        let (mut version, mut id, mut statements) = (Version::default(), None, None);
        for (name, node) in members {
            match name.as_str() {
                "Version" => version = read_version(node)?,
                "Id" => id = Some(text(node, "Id")?),
                "Statement" => statements = Some(reader.statements(node)?),
                _ => return Err(unknown(name)),
            }
        }
        let statements = statements.ok_or(PolicyError::Missing("Statement"))?;
        Ok(Self { version, id, statements })
    }
}

fn read_version(node: Node) -> Result<Version, PolicyError> {
    match text(node, "Version")?.as_str() {
        "2008-10-17" => Ok(Version::V2008),
        "2012-10-17" => Ok(Version::V2012),
        other => Err(PolicyError::Version(shorten(other))),
    }
}

fn read_effect(node: Node) -> Result<bool, PolicyError> {
    match text(node, "Effect")?.as_str() {
        "Allow" => Ok(true),
        "Deny" => Ok(false),
        other => Err(PolicyError::Effect(shorten(other))),
    }
}

/// Counts the values of the whole document down.
struct Reader<'a> {
    values_left: usize,
    limits: &'a Limits,
}

impl Reader<'_> {
    fn statements(&mut self, node: Node) -> Result<Vec<Statement>, PolicyError> {
        let nodes = match node {
            Node::List(nodes) => nodes,
            single => vec![single],
        };
        if nodes.is_empty() {
            return Err(PolicyError::Missing("Statement"));
        }
        if nodes.len() > self.limits.statements {
            return Err(PolicyError::TooMany { what: "statements", limit: self.limits.statements });
        }
        nodes.into_iter().map(|node| self.statement(node)).collect()
    }

    fn statement(&mut self, node: Node) -> Result<Statement, PolicyError> {
        let Node::Object(members) = node else { return Err(syntax("A statement is a JSON object.")) };
        let (mut sid, mut effect, mut conditions) = (None, None, Vec::new());
        let (mut principal, mut action, mut resource) = (None, None, None);
        for (name, node) in members {
            match name.as_str() {
                "Sid" => sid = Some(text(node, "Sid")?),
                "Effect" => effect = Some(read_effect(node)?),
                "Principal" | "NotPrincipal" => {
                    let value = self.principals(node, name == "NotPrincipal")?;
                    once(&mut principal, value, ("Principal", "NotPrincipal"))?;
                }
                "Action" | "NotAction" => {
                    let value =
                        Selector { negated: name == "NotAction", patterns: self.texts(node, "Action")? };
                    once(&mut action, value, ("Action", "NotAction"))?;
                }
                "Resource" | "NotResource" => {
                    let value =
                        Selector { negated: name == "NotResource", patterns: self.texts(node, "Resource")? };
                    once(&mut resource, value, ("Resource", "NotResource"))?;
                }
                "Condition" => conditions = self.conditions(node)?,
                _ => return Err(unknown(name)),
            }
        }
        let allow = effect.ok_or(PolicyError::Missing("Effect"))?;
        let action: Selector = action.ok_or(PolicyError::NoActions)?;
        if action.patterns.is_empty() {
            return Err(PolicyError::NoActions);
        }
        if resource.as_ref().is_some_and(|resource| resource.patterns.is_empty()) {
            return Err(PolicyError::NoResources);
        }
        Ok(Statement { sid, allow, principal, action, resource, conditions })
    }

    fn principals(&mut self, node: Node, negated: bool) -> Result<PrincipalElement, PolicyError> {
        let members = match node {
            Node::Text(text) if text == "*" => {
                return Ok(PrincipalElement { negated, entries: vec![(PrincipalType::Aws, text)] });
            }
            Node::Object(members) => members,
            Node::Text(text) => return Err(PolicyError::Principal(shorten(&text))),
            _ => return Err(syntax("A principal is \"*\" or a JSON object.")),
        };
        let mut entries = Vec::new();
        for (name, node) in members {
            let kind = match name.as_str() {
                "AWS" => PrincipalType::Aws,
                "Service" => PrincipalType::Service,
                "Federated" => PrincipalType::Federated,
                "CanonicalUser" => PrincipalType::CanonicalUser,
                _ => return Err(PolicyError::Principal(shorten(&name))),
            };
            entries.extend(self.texts(node, "Principal")?.into_iter().map(|entry| (kind, entry)));
        }
        if entries.is_empty() {
            return Err(PolicyError::Principal("none is named".to_owned()));
        }
        Ok(PrincipalElement { negated, entries })
    }

    fn conditions(&mut self, node: Node) -> Result<Vec<ConditionBlock>, PolicyError> {
        let Node::Object(operators) = node else { return Err(syntax("Condition is a JSON object.")) };
        let mut blocks = Vec::new();
        for (operator, node) in operators {
            let Node::Object(keys) = node else {
                return Err(syntax("A condition operator holds a JSON object."));
            };
            for (key, node) in keys {
                let values = self.texts(node, "Condition")?;
                blocks.push(ConditionBlock { operator: operator.clone(), key, values });
            }
        }
        Ok(blocks)
    }

    /// One text or a list of texts; in a condition also numbers and booleans.
    fn texts(&mut self, node: Node, element: &'static str) -> Result<Vec<String>, PolicyError> {
        let nodes = match node {
            Node::List(nodes) => nodes,
            single => vec![single],
        };
        self.values_left = self
            .values_left
            .checked_sub(nodes.len())
            .ok_or(PolicyError::TooMany { what: "values", limit: self.limits.values })?;
        let in_condition = element == "Condition";
        nodes
            .into_iter()
            .map(|node| match node {
                Node::Number(number) if in_condition => Ok(number),
                Node::Bool(value) if in_condition => Ok(value.to_string()),
                node => text(node, element),
            })
            .collect()
    }
}

fn once<T>(slot: &mut Option<T>, value: T, names: (&'static str, &'static str)) -> Result<(), PolicyError> {
    match slot.replace(value) {
        None => Ok(()),
        // The same name twice is refused earlier, so this is the pair.
        Some(_) => Err(PolicyError::Both(names.0, names.1)),
    }
}

fn text(node: Node, element: &'static str) -> Result<String, PolicyError> {
    match node {
        Node::Text(text) => Ok(text),
        _ => Err(syntax(&format!("{element} must be text."))),
    }
}

fn unknown(name: String) -> PolicyError {
    PolicyError::UnknownElement(shorten(&name))
}

fn syntax(detail: &str) -> PolicyError {
    PolicyError::Syntax { detail: format!(" {detail}") }
}

/// User input in an error message is cut, so that an answer cannot be made large.
pub(crate) fn shorten(text: &str) -> String {
    text.chars().take(256).collect()
}
