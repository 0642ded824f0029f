//! The policies of a simulation: texts with the names that results have for them.

use std::sync::Arc;

use garrison_api_iam::errors as api;
use garrison_api_iam::types::PolicySourceType;
use garrison_policy::{CompiledPolicy, DocumentKind, Limits, PolicyDocument};
use garrison_schema::ApiError;

use crate::principal_source::Held;

/// The most policies of one simulation: deciding looks at all of them.
const MAX_POLICIES: usize = 1000;

/// A policy of a simulation.
pub(crate) struct Policy {
    /// `SourcePolicyId`.
    pub(crate) id: String,
    /// `SourcePolicyType`.
    pub(crate) source: PolicySourceType,
    pub(crate) text: String,
    pub(crate) document: PolicyDocument,
}

/// The policies of a simulation, in the order in which they came.
#[derive(Default)]
pub(crate) struct Policies {
    pub(crate) all: Vec<Policy>,
}

impl Policies {
    /// Adds texts that a caller passed in a list; their ids are the list's name and their places in it.
    ///
    /// # Errors
    /// `InvalidInput`: one is no policy, or there are more than a thousand.
    pub(crate) fn add_list(
        &mut self,
        list: &str,
        texts: &[String],
        kind: DocumentKind,
    ) -> Result<Vec<Arc<CompiledPolicy>>, ApiError> {
        let numbered = (1..).zip(texts);
        numbered
            .map(|(at, text)| self.add(format!("{list}.{at}"), PolicySourceType::None, text.clone(), kind))
            .collect()
    }

    /// Adds a policy that somebody has.
    ///
    /// # Errors
    /// `PolicyEvaluation`: it cannot be read.
    pub(crate) fn add_held(&mut self, held: &Held) -> Result<Arc<CompiledPolicy>, ApiError> {
        let (kind, holder) = &held.holder;
        let (id, source) = match &held.arn {
            Some(arn) if arn.contains(":iam::aws:") => (held.name.clone(), PolicySourceType::AwsManaged),
            Some(_) => (held.name.clone(), PolicySourceType::UserManaged),
            None => (format!("{kind}_{holder}_{}", held.name), PolicySourceType::from(*kind)),
        };
        self.add(id, source, held.text.clone(), DocumentKind::Identity)
            .map_err(|error| api::policy_evaluation_exception(error.message))
    }

    /// Adds a policy.
    ///
    /// # Errors
    /// `InvalidInput`: it is no policy, or there are a thousand already.
    pub(crate) fn add(
        &mut self,
        id: String,
        source: PolicySourceType,
        text: String,
        kind: DocumentKind,
    ) -> Result<Arc<CompiledPolicy>, ApiError> {
        let document = PolicyDocument::parse(text.as_bytes(), &Limits::default())
            .and_then(|document| document.validate(kind).map(|()| document))
            .map_err(|error| api::invalid_input_exception(format!("Invalid policy {id}: {error}")))?;
        self.add_document(id, source, text, document)
    }

    /// Adds a policy that was read. The engine knows it by its place.
    ///
    /// # Errors
    /// `InvalidInput`: it cannot be understood, or there are a thousand already.
    pub(crate) fn add_document(
        &mut self,
        id: String,
        source: PolicySourceType,
        text: String,
        document: PolicyDocument,
    ) -> Result<Arc<CompiledPolicy>, ApiError> {
        if self.all.len() == MAX_POLICIES {
            return Err(api::invalid_input_exception(format!(
                "There can be at most {MAX_POLICIES} policies."
            )));
        }
        let compiled = CompiledPolicy::new(self.all.len().to_string(), &document);
        if let Some(error) = compiled.poison() {
            return Err(api::invalid_input_exception(format!("Invalid policy {id}: {error}")));
        }
        self.all.push(Policy { id, source, text, document });
        Ok(Arc::new(compiled))
    }

    /// The policy that the engine knows by this name.
    pub(crate) fn by_name(&self, name: &str) -> Option<&Policy> {
        self.all.get(name.parse::<usize>().ok()?)
    }

    /// The condition keys that any of them refers to, each once, as first written.
    pub(crate) fn context_keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        for key in self.all.iter().flat_map(|policy| policy.document.context_keys()) {
            if !keys.iter().any(|known| known.eq_ignore_ascii_case(&key)) {
                keys.push(key);
            }
        }
        keys
    }
}
