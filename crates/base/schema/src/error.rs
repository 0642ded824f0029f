//! What goes wrong between the wire and a handler.

use std::fmt;

use crate::shape::ErrorSchema;
use crate::write::WriteStructure;

/// The bytes could not be read as the protocol and the model demand: AWS's `SerializationException` (JSON),
/// `MalformedInput`/`InvalidParameterValue` (query). The message names the member, never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ReadError {
    /// What was wrong, in AWS's words where AWS has some.
    pub message: String,
    /// It was wrong outside of the body: in the path, the query string or a header.
    pub in_head: bool,
}

impl ReadError {
    /// An error with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), in_head: false }
    }

    /// An error of the path, the query string or a header.
    pub fn in_head(message: impl Into<String>) -> Self {
        Self { message: message.into(), in_head: true }
    }
}

/// An error that a caller sees: one of the model's error shapes, or one of the common ones.
///
/// The caller sees `message`; the log sees `internal` too. Neither ever holds a secret.
pub struct ApiError {
    /// Which error.
    pub schema: &'static ErrorSchema,
    /// What the caller reads; empty when AWS sends none.
    pub message: String,
    /// Members of the error shape beyond the message.
    pub members: Option<Box<dyn WriteStructure + Send + Sync>>,
    /// What only the log reads.
    pub internal: Option<String>,
}

impl ApiError {
    /// The error with what the caller reads.
    pub fn new(schema: &'static ErrorSchema, message: impl Into<String>) -> Self {
        Self { schema, message: message.into(), members: None, internal: None }
    }

    /// Adds what only the log reads.
    #[must_use]
    pub fn with_internal(mut self, internal: impl fmt::Display) -> Self {
        self.internal = Some(internal.to_string());
        self
    }

    /// Adds members of the error shape beyond the message.
    #[must_use]
    pub fn with_members(mut self, members: impl WriteStructure + Send + Sync + 'static) -> Self {
        self.members = Some(Box::new(members));
        self
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("name", &self.schema.name)
            .field("message", &self.message)
            .field("internal", &self.internal)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.schema.name, self.message)
    }
}

impl std::error::Error for ApiError {}
