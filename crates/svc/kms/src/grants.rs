//! Which grant covers a call.

use std::collections::BTreeMap;

use garrison_kernel::{Check, Context, Grant as GrantRef, Principal};
use garrison_schema::ApiError;

use crate::model::{Grant, GrantOperation, KeySnapshot};
use crate::service::Kms;

/// What a call asks of a grant.
pub(crate) struct GrantUse<'a> {
    /// The grant operation that the call is.
    pub operation: GrantOperation,
    /// The call's encryption context; none for operations that take none.
    pub encryption_context: Option<&'a BTreeMap<String, String>>,
    /// `GrantTokens`.
    pub tokens: &'a [String],
}

impl Kms {
    /// The question about a key for a call that a grant may allow.
    ///
    /// # Errors
    /// `InvalidGrantTokenException` when a token is not one of ours.
    pub(crate) fn check_with_grants(
        &self,
        cx: &Context,
        key: &KeySnapshot,
        wanted: &GrantUse<'_>,
    ) -> Result<Check, ApiError> {
        let covering = key.grants.grants.iter().find(|grant| covers(grant, cx, wanted));
        let grant = covering.map(|grant| GrantRef { id: grant.id.clone(), grantee: grant.grantee.clone() });
        Ok(key.check().granted_by(grant))
    }
}

fn covers(grant: &Grant, cx: &Context, wanted: &GrantUse<'_>) -> bool {
    let is_grantee = match &cx.caller.principal {
        Principal::Service { name, .. } => grant.grantee_is_service && *grant.grantee == **name,
        Principal::Root { .. } => !grant.grantee_is_service && grant.grantee == cx.caller.arn,
        Principal::Anonymous => false,
    };
    is_grantee && grant.operations.contains(&wanted.operation) && constraints_hold(grant, wanted)
}

fn constraints_hold(grant: &Grant, wanted: &GrantUse<'_>) -> bool {
    let none = BTreeMap::new();
    let context = wanted.encryption_context.unwrap_or(&none);
    let constraints = &grant.constraints;
    constraints.context_equals.as_ref().is_none_or(|equal| equal == context)
        && constraints
            .context_subset
            .as_ref()
            .is_none_or(|subset| subset.iter().all(|(key, value)| context.get(key) == Some(value)))
        && constraints.source_arn.is_none()
}
