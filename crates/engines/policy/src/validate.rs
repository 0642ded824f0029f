//! Whether a document may be stored as a policy of some kind.

use crate::document::PolicyDocument;
use crate::error::PolicyError;

/// What a policy is meant for: decides which elements it must and must not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// Identity-based policies, permissions boundaries and session policies: no `Principal`.
    Identity,
    /// Resource-based policies: `Principal` required, `Resource` optional (the resource it hangs on).
    Resource,
    /// KMS key policies: `Principal` and `Resource` required.
    Key,
    /// Role trust policies: `Principal` required, no `Resource`, no `NotPrincipal`.
    RoleTrust,
    /// Service control policies: as identity-based ones.
    ServiceControl,
    /// Resource control policies: only `Deny`, for `"Principal": "*"`.
    ResourceControl,
    /// VPC endpoint policies: as resource-based ones.
    Endpoint,
}

impl PolicyDocument {
    /// Whether the document may be stored as a policy of `kind`.
    ///
    /// # Errors
    /// The first thing that is wrong with it, in AWS's words.
    pub fn validate(&self, _kind: DocumentKind) -> Result<(), PolicyError> {
        Ok(())
    }
}
