//! Whether a document may be stored as a policy of some kind.

use std::collections::HashSet;

use crate::compile::CompiledPolicy;
use crate::document::{PolicyDocument, PrincipalType, Statement};
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
    pub fn validate(&self, kind: DocumentKind) -> Result<(), PolicyError> {
        let mut sids = HashSet::new();
        for statement in &self.statements {
            kind.check_principal(statement)?;
            kind.check_resource(statement)?;
            check_vendors(statement)?;
            if let Some(sid) = &statement.sid
                && !kind.has_free_sids()
            {
                if !sid.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    return Err(PolicyError::Sid);
                }
                if !sids.insert(sid) && !sid.is_empty() {
                    return Err(PolicyError::DuplicateSid);
                }
            }
        }
        match CompiledPolicy::new("", self).poison() {
            None => Ok(()),
            Some(error) => Err(error.clone()),
        }
    }
}

impl DocumentKind {
    fn check_principal(self, statement: &Statement) -> Result<(), PolicyError> {
        let named = statement.principal.as_ref();
        let element =
            if named.is_some_and(|principal| principal.negated) { "NotPrincipal" } else { "Principal" };
        match (self, named) {
            (Self::Identity | Self::ServiceControl, None) => Ok(()),
            (Self::Identity | Self::ServiceControl, Some(_)) => Err(PolicyError::Prohibited(element)),
            (_, None) => Err(PolicyError::Missing("Principal")),
            (Self::RoleTrust, Some(principal)) if principal.negated => Err(PolicyError::Prohibited(element)),
            (Self::ResourceControl, Some(principal)) => {
                let everyone =
                    !principal.negated && *principal.entries == [(PrincipalType::Aws, "*".to_owned())];
                if everyone && !statement.allow { Ok(()) } else { Err(PolicyError::ResourceControl) }
            }
            (Self::Resource | Self::Key | Self::RoleTrust | Self::Endpoint, Some(_)) => Ok(()),
        }
    }

    fn check_resource(self, statement: &Statement) -> Result<(), PolicyError> {
        match (self, &statement.resource) {
            (Self::RoleTrust, Some(selector)) => {
                Err(PolicyError::Prohibited(if selector.negated { "NotResource" } else { "Resource" }))
            }
            (Self::RoleTrust | Self::Resource, None) | (_, Some(_)) => Ok(()),
            (_, None) => Err(PolicyError::Missing("Resource")),
        }
    }

    /// Whether `Sid` may hold any text, more than once, as in key policies ("Enable IAM User Permissions").
    fn has_free_sids(self) -> bool {
        matches!(self, Self::Resource | Self::Key | Self::Endpoint | Self::RoleTrust)
    }
}

/// Actions are `*` or `service:name`, condition keys `service:name`.
fn check_vendors(statement: &Statement) -> Result<(), PolicyError> {
    let has_vendor = |text: &str| {
        text.split_once(':').is_some_and(|(vendor, name)| !vendor.is_empty() && !name.is_empty())
    };
    let plain = |text: &str| {
        let vendor = text.split(':').next().unwrap_or_default();
        vendor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let actions =
        statement.action.patterns.iter().all(|text| text == "*" || (has_vendor(text) && plain(text)));
    let keys = statement.conditions.iter().all(|block| has_vendor(&block.key));
    if actions && keys { Ok(()) } else { Err(PolicyError::Vendor) }
}
