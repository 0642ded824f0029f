//! Grants: allow-only permissions on one key.
//!
//! Source: KMS Developer Guide, "Grants in AWS KMS".

use std::collections::BTreeMap;
use std::sync::Arc;

use garrison_types::{AccountId, Timestamp};

pub(crate) use garrison_api_kms::types::GrantOperation;

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// 64 hexadecimal digits.
    pub id: Arc<str>,
    /// Makes creating it idempotent.
    pub name: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// The ARN of the principal, or the service principal, that may use the key.
    pub grantee: Arc<str>,
    /// The grantee is a service principal (`GranteeServicePrincipal`).
    pub grantee_is_service: bool,
    /// Who may retire it.
    pub retiring: Option<Arc<str>>,
    /// The retiring principal is a service principal.
    pub retiring_is_service: bool,
    /// The account that made it.
    pub issuing_account: AccountId,
    /// What it allows.
    pub operations: Vec<GrantOperation>,
    /// Under which circumstances.
    pub constraints: GrantConstraints,
}

/// What must hold for a grant to apply.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GrantConstraints {
    /// The request's encryption context must include these pairs.
    pub context_subset: Option<BTreeMap<String, String>>,
    /// The request's encryption context must be exactly these pairs.
    pub context_equals: Option<BTreeMap<String, String>>,
    /// The resource that the calling service acts for.
    pub source_arn: Option<String>,
}

/// The grants of one key.
#[derive(Debug, Clone, Default)]
pub struct GrantSet {
    /// In the order of their ids.
    pub grants: Vec<Grant>,
}
