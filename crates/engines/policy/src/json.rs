//! JSON as policies use it: a small tree that refuses an object with the same member twice.
//!
//! `serde_json::Value` keeps the last of two equal members; in a policy that could hide a `Deny`.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::document::Limits;
use crate::error::PolicyError;

/// One JSON value. Numbers are kept as text: policies compare them as text or parse them later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// Marks the error message that names a duplicate, so that it survives `serde_json::Error`.
const DUPLICATE: &str = "duplicate element ";

/// Reads one JSON value that fills all of `bytes`.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Node, PolicyError> {
    if bytes.len() > limits.bytes {
        return Err(PolicyError::TooLarge { limit: limits.bytes });
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let node = NodeSeed { depth: limits.depth }.deserialize(&mut reader).map_err(|error| describe(&error))?;
    reader.end().map_err(|error| describe(&error))?;
    Ok(node)
}

fn describe(error: &serde_json::Error) -> PolicyError {
    let text = error.to_string();
    match text.strip_prefix(DUPLICATE).and_then(|rest| rest.rsplit_once(" at line ")) {
        Some((name, _)) => PolicyError::Duplicate(name.chars().take(128).collect()),
        None => PolicyError::Syntax { detail: format!(" Line {}, column {}.", error.line(), error.column()) },
    }
}

/// Reads a node that may nest `depth` levels deep.
#[derive(Clone, Copy)]
struct NodeSeed {
    depth: usize,
}

impl NodeSeed {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        self.depth.checked_sub(1).map(|depth| Self { depth }).ok_or_else(|| E::custom("too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for NodeSeed {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NodeSeed {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let inner = self.inner()?;
        let mut seen = HashSet::new();
        let mut members = Vec::new();
        while let Some(name) = access.next_key::<String>()? {
            if !seen.insert(name.clone()) {
                return Err(A::Error::custom(format!("{DUPLICATE}{name}")));
            }
            members.push((name, access.next_value_seed(inner)?));
        }
        Ok(Node::Object(members))
    }
}
