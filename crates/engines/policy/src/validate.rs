//! Whether a document may be stored as a policy of some kind.

use std::collections::HashSet;

use garrison_types::Arn;

use crate::compile::CompiledPolicy;
use crate::document::{PolicyDocument, PrincipalType, Statement, shorten};
use crate::error::PolicyError;
use crate::pattern::{Case, Pattern, Syntax};

/// What a policy is meant for: decides which elements it must and must not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// Identity-based policies, permissions boundaries and session policies: no `Principal`; resources are ARNs of a
    /// service that is named.
    Identity,
    /// Resource-based policies: `Principal` required, `Resource` optional (the resource it hangs on).
    Resource,
    /// KMS key policies: `Principal` and `Resource` required.
    Key,
    /// Role trust policies: `Principal` required, no `Resource`, no `NotPrincipal`, and only actions that assume roles.
    RoleTrust,
    /// Service control policies: as identity-based ones. Since September 2025 they may use the whole language, with
    /// `Condition`, `Resource` and `NotAction` beside `Allow` and `Deny` alike.
    /// Source: Organizations User Guide, "SCP syntax".
    ServiceControl,
    /// Resource control policies: only `Deny`, for `"Principal": "*"`, without `NotAction`.
    /// Source: Organizations User Guide, "RCP syntax".
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
            if kind == DocumentKind::RoleTrust {
                check_trust(statement)?;
            }
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
            (Self::Identity, Some(_)) => Err(PolicyError::NoPrincipalHere),
            (Self::ServiceControl, Some(_)) => Err(PolicyError::Prohibited(element)),
            (_, None) => Err(PolicyError::Missing("Principal")),
            (Self::RoleTrust, Some(principal)) if principal.negated => Err(PolicyError::Prohibited(element)),
            (Self::ResourceControl, Some(principal)) => {
                let everyone =
                    !principal.negated && *principal.entries == [(PrincipalType::Aws, "*".to_owned())];
                if everyone && !statement.allow && !statement.action.negated {
                    Ok(())
                } else {
                    Err(PolicyError::ResourceControl)
                }
            }
            (Self::Resource | Self::Key | Self::RoleTrust | Self::Endpoint, Some(_)) => Ok(()),
        }
    }

    fn check_resource(self, statement: &Statement) -> Result<(), PolicyError> {
        match (self, &statement.resource) {
            (Self::RoleTrust, Some(selector)) => {
                Err(PolicyError::Prohibited(if selector.negated { "NotResource" } else { "Resource" }))
            }
            (Self::RoleTrust | Self::Resource, None) => Ok(()),
            (Self::Identity, None) => Err(PolicyError::NoResources),
            (Self::Identity, Some(selector)) => {
                selector.patterns.iter().try_for_each(|resource| check_identity_resource(resource))
            }
            (_, Some(_)) => Ok(()),
            (_, None) => Err(PolicyError::Missing("Resource")),
        }
    }

    /// Whether `Sid` may hold any text, more than once, as in key policies ("Enable IAM User Permissions").
    fn has_free_sids(self) -> bool {
        matches!(self, Self::Resource | Self::Key | Self::Endpoint | Self::RoleTrust)
    }
}

/// How many characters of the document `text` count against the quota of its kind: IAM does not count white space,
/// others count everything. Source: IAM User Guide, "IAM and AWS STS quotas"; Organizations User Guide, "Quotas for AWS
/// Organizations".
pub fn characters_for_quota(kind: DocumentKind, text: &str) -> usize {
    match kind {
        DocumentKind::Identity | DocumentKind::RoleTrust => {
            text.chars().filter(|c| !c.is_whitespace()).count()
        }
        _ => text.chars().count(),
    }
}

/// Actions are `*` or `service:name`, condition keys `service:name`.
fn check_vendors(statement: &Statement) -> Result<(), PolicyError> {
    for action in statement.action.patterns.iter().filter(|action| *action != "*") {
        let (vendor, name) = split_vendor(action).ok_or(PolicyError::Vendor)?;
        if name.contains(':') {
            return Err(PolicyError::Colons);
        }
        if !vendor.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.')) {
            return Err(PolicyError::VendorName(shorten(vendor)));
        }
    }
    let keys = statement.conditions.iter().all(|block| split_vendor(&block.key).is_some());
    if keys { Ok(()) } else { Err(PolicyError::Vendor) }
}

fn split_vendor(text: &str) -> Option<(&str, &str)> {
    text.split_once(':').filter(|(vendor, name)| !vendor.is_empty() && !name.is_empty())
}

/// What IAM demands of a resource in its own policies, beyond the form of an ARN, which is looked at when compiling.
fn check_identity_resource(resource: &str) -> Result<(), PolicyError> {
    let Some(rest) = resource.strip_prefix("arn:") else { return Ok(()) };
    let mut parts = rest.splitn(3, ':');
    let (partition, vendor, rest) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let is_partition = partition == "*"
        || partition.split('-').next() == Some("aws")
            && partition.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if !is_partition {
        return Err(PolicyError::Partition { partition: shorten(partition), resource: shorten(resource) });
    }
    let (Some(vendor), Some(rest)) = (vendor, rest) else { return Err(PolicyError::ResourceVendor) };
    if vendor.contains(['*', '?']) && vendor != "*" {
        return Err(PolicyError::ResourceVendor);
    }
    if vendor == "iam" && !rest.starts_with([':', '*']) {
        return Err(PolicyError::IamRegion(shorten(resource)));
    }
    Ok(())
}

/// The actions that a trust policy may be about.
const TRUST_ACTIONS: [&str; 6] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:SetContext",
    "sts:SetSourceIdentity",
    "sts:TagSession",
];

fn check_trust(statement: &Statement) -> Result<(), PolicyError> {
    for action in &statement.action.patterns {
        let pattern = Pattern::parse(action, Syntax::WILDCARDS)?;
        let matches = |known: &&str| pattern.matches_without_variables(known, Case::Ignored);
        let assumes = action.contains(':') && TRUST_ACTIONS.iter().any(matches);
        if !assumes {
            return Err(PolicyError::TrustAction);
        }
    }
    let entries = statement.principal.iter().flat_map(|principal| &principal.entries);
    let mut federated = entries.filter(|(kind, _)| *kind == PrincipalType::Federated);
    if federated.all(|(_, provider)| is_provider(provider)) { Ok(()) } else { Err(PolicyError::Federated) }
}

/// Whether `text` is a domain name or the ARN of a SAML or OIDC provider.
fn is_provider(text: &str) -> bool {
    if let Ok(arn) = text.parse::<Arn>() {
        return arn.service() == "iam"
            && ["saml-provider/", "oidc-provider/"].iter().any(|kind| arn.resource().starts_with(kind));
    }
    text.contains('.')
        && text.split('.').all(|label| !label.is_empty())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'/' | b'_' | b':'))
}
