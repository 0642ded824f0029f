//! Decides a request over all the policies that apply to it.

use std::sync::Arc;

use crate::compile::CompiledPolicy;
use crate::decision::{Decision, Effect, PolicyKind, Reason};
use crate::request::Request;

/// The policies attached to one level of an organization: its root, a unit, or the account. Shared between the
/// accounts below it.
pub type PolicyLevel = Arc<[Arc<CompiledPolicy>]>;

/// What a policy on a resource means for identity-based policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResourcePolicyKind {
    /// Bucket policies, queue policies and the like: within an account they add to what identities may do.
    Standard,
    /// A KMS key policy: nobody may use the key unless it says so; identity-based policies count only as far as
    /// it delegates to the account. Source: KMS Developer Guide, "Key policies in AWS KMS".
    Key,
    /// The trust policy of a role: the same rule as for keys.
    RoleTrust,
}

/// The policy of the requested resource.
#[derive(Debug, Clone, Copy)]
pub struct ResourcePolicy<'a> {
    /// Its meaning.
    pub kind: ResourcePolicyKind,
    /// The policy.
    pub policy: &'a CompiledPolicy,
}

/// A KMS grant that covers the request: the caller has checked its grantee, operations and constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantRef<'a> {
    /// The grant's id.
    pub id: &'a str,
    /// The grantee as the grant names it. A grant to a role, used by a session of that role, is limited by the
    /// session's policies and the role's boundary, as a resource-based policy for the role would be.
    pub grantee: &'a str,
}

/// Every policy that applies to a request. An empty one denies everybody but the root user of the account.
#[derive(Debug, Clone, Copy, Default)]
pub struct PolicySet<'a> {
    /// Identity-based policies of the principal: of the user and its groups, or of the role.
    pub identity: &'a [Arc<CompiledPolicy>],
    /// The permissions boundary of the user or role.
    pub boundary: Option<&'a CompiledPolicy>,
    /// Session policies; empty when none were passed.
    pub session: &'a [Arc<CompiledPolicy>],
    /// The policy of the resource.
    pub resource: Option<ResourcePolicy<'a>>,
    /// A grant that covers the request.
    pub grant: Option<GrantRef<'a>>,
    /// Service control policies by level, for a principal in a member account; every level must allow.
    pub service_control: &'a [PolicyLevel],
    /// Resource control policies by level, for a resource in a member account; every level must allow.
    pub resource_control: &'a [PolicyLevel],
    /// The policy of the VPC endpoint that the request came through.
    pub endpoint: Option<&'a CompiledPolicy>,
}

/// Decides `request` over `policies`.
///
/// Source: IAM User Guide, "Policy evaluation logic" and "Cross-account policy evaluation logic".
pub fn evaluate<'a>(_policies: &PolicySet<'a>, _request: &Request<'_>) -> Decision<'a> {
    Decision { effect: Effect::ImplicitDeny, reason: Reason::Missing(PolicyKind::Identity) }
}

/// Whether a key policy lets the principal of `request` do what it asks, either by itself or by delegating to the
/// principal's account: what the lockout safety check of `PutKeyPolicy` asks with the action
/// `kms:PutKeyPolicy`. Source: KMS API Reference, "PutKeyPolicy", `BypassPolicyLockoutSafetyCheck`.
pub fn key_policy_admits(_policy: &CompiledPolicy, _request: &Request<'_>) -> bool {
    false
}
