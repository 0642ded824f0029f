//! Decides a request over all the policies that apply to it.

use std::sync::Arc;

use crate::compile::{CompiledPolicy, Question};
use crate::decision::{Decision, Effect, PolicyKind, Reason};
use crate::principal::{PrincipalKind, Strength};
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

impl<'a> PolicySet<'a> {
    /// Every policy with its place, in the order in which denies are looked for.
    pub(crate) fn policies(&self) -> impl Iterator<Item = (PolicyKind, &'a CompiledPolicy)> + use<'a> {
        fn each(
            kind: PolicyKind,
            policies: &[Arc<CompiledPolicy>],
        ) -> impl Iterator<Item = (PolicyKind, &CompiledPolicy)> {
            policies.iter().map(move |policy| (kind, &**policy))
        }
        let resource = self.resource.map(|resource| (resource.kind.policy_kind(), resource.policy));
        self.service_control
            .iter()
            .flat_map(|level| each(PolicyKind::ServiceControl, level))
            .chain(self.resource_control.iter().flat_map(|level| each(PolicyKind::ResourceControl, level)))
            .chain(self.endpoint.map(|policy| (PolicyKind::Endpoint, policy)))
            .chain(each(PolicyKind::Identity, self.identity))
            .chain(self.boundary.map(|policy| (PolicyKind::Boundary, policy)))
            .chain(each(PolicyKind::Session, self.session))
            .chain(resource)
    }
}

/// Decides `request` over `policies`.
///
/// Source: IAM User Guide, "Policy evaluation logic" and "Cross-account policy evaluation logic".
pub fn evaluate<'a>(policies: &PolicySet<'a>, request: &Request<'_>) -> Decision<'a> {
    decide(policies, &Question::new(request)).unwrap_or_else(|denied| denied)
}

/// Whether a key policy lets the principal of `request` do what it asks, either by itself or by delegating to the
/// principal's account: what the lockout safety check of `PutKeyPolicy` asks with the action
/// `kms:PutKeyPolicy`. Source: KMS API Reference, "PutKeyPolicy", `BypassPolicyLockoutSafetyCheck`.
pub fn key_policy_admits(policy: &CompiledPolicy, request: &Request<'_>) -> bool {
    scan(PolicyKind::Resource, policy, &Question::new(request)).is_ok_and(|allowed| allowed.is_some())
}

/// The best `Allow` of one or several policies.
#[derive(Debug, Clone, Copy)]
struct Allowed<'a> {
    strength: Strength,
    reason: Reason<'a>,
}

/// Denials that end the evaluation at once are the error.
type Step<'a, T> = Result<T, Decision<'a>>;

/// Looks at every policy for an explicit deny first, then asks who must allow.
fn decide<'a>(policies: &PolicySet<'a>, question: &Question<'_>) -> Step<'a, Decision<'a>> {
    let service_control = all_levels(PolicyKind::ServiceControl, policies.service_control, question)?;
    let resource_control = all_levels(PolicyKind::ResourceControl, policies.resource_control, question)?;
    let endpoint =
        policies.endpoint.map(|policy| scan(PolicyKind::Endpoint, policy, question)).transpose()?;
    let identity = any_of(PolicyKind::Identity, policies.identity, question)?;
    let boundary =
        policies.boundary.map(|policy| scan(PolicyKind::Boundary, policy, question)).transpose()?;
    let session = any_of(PolicyKind::Session, policies.session, question)?;
    let resource = match policies.resource {
        Some(resource) => scan(resource.kind.policy_kind(), resource.policy, question)?,
        None => None,
    };

    // What an organization or an endpoint does not let through, nobody can allow.
    for (passed, kind) in [
        (resource_control, PolicyKind::ResourceControl),
        (service_control, PolicyKind::ServiceControl),
        (endpoint.is_none_or(|allowed| allowed.is_some()), PolicyKind::Endpoint),
    ] {
        if !passed {
            return Err(missing(kind));
        }
    }
    let principal = question.request.principal;
    // A federated user has no more than its session policies say.
    let needs_session = !policies.session.is_empty() || principal.kind == PrincipalKind::FederatedUser;
    let limit = if boundary.is_some_and(|allowed| allowed.is_none()) {
        Some(PolicyKind::Boundary)
    } else {
        (needs_session && session.is_none()).then_some(PolicyKind::Session)
    };
    let root = (principal.kind == PrincipalKind::Root).then_some(Reason::RootUser);
    let sides = Sides { identity: identity.map(|allowed| allowed.reason).or(root), limit, resource };
    let decision = sides.meet(policies, question.request);
    match policies.grant {
        Some(grant) if !decision.is_allowed() && sides.accept(grant, question.request) => {
            Ok(allow(Reason::Grant(grant.id)))
        }
        _ => Ok(decision),
    }
}

/// What the principal's side and the resource's side say.
struct Sides<'a> {
    /// Who allows on the principal's side.
    identity: Option<Reason<'a>>,
    /// The policy kind that limits the principal and does not allow.
    limit: Option<PolicyKind>,
    /// Who allows on the resource's side.
    resource: Option<Allowed<'a>>,
}

impl<'a> Sides<'a> {
    /// Whether both sides, or the one that suffices, allow.
    fn meet(&self, policies: &PolicySet<'a>, request: &Request<'_>) -> Decision<'a> {
        let kind = policies.resource.map_or(PolicyKind::Resource, |resource| resource.kind.policy_kind());
        let authoritative =
            policies.resource.is_some_and(|resource| resource.kind != ResourcePolicyKind::Standard);
        if !request.principal.has_identity() {
            return self.resource.map_or(missing(kind), |allowed| allow(allowed.reason));
        }
        if !request.same_account() {
            return match self.resource {
                None => missing(kind),
                Some(allowed) => self.by_identity().map_or_else(missing, |_| allow(allowed.reason)),
            };
        }
        match (self.resource, self.limit) {
            (Some(Allowed { strength: Strength::Direct, reason }), _)
            | (Some(Allowed { strength: Strength::Issuer, reason }), None) => allow(reason),
            (Some(Allowed { strength: Strength::Issuer, .. }), Some(limit)) => missing(limit),
            (None, _) if authoritative => missing(kind),
            (Some(Allowed { strength: Strength::Account, .. }) | None, _) => {
                self.by_identity().map_or_else(missing, allow)
            }
        }
    }

    /// Whether `grant` allows: it needs no policy beside it.
    fn accept(&self, grant: GrantRef<'a>, request: &Request<'_>) -> bool {
        grant.grantee == request.principal.arn || self.limit.is_none()
    }

    /// Who allows on the principal's side, within its limits; or which kind of policy is missing.
    fn by_identity(&self) -> Result<Reason<'a>, PolicyKind> {
        let reason = self.identity.ok_or(PolicyKind::Identity)?;
        self.limit.map_or(Ok(reason), Err)
    }
}

impl ResourcePolicyKind {
    /// The place of such a policy in the evaluation.
    pub(crate) fn policy_kind(self) -> PolicyKind {
        match self {
            Self::Standard | Self::Key => PolicyKind::Resource,
            Self::RoleTrust => PolicyKind::RoleTrust,
        }
    }
}

fn allow(reason: Reason<'_>) -> Decision<'_> {
    Decision { effect: Effect::Allow, reason }
}

fn missing<'a>(kind: PolicyKind) -> Decision<'a> {
    Decision { effect: Effect::ImplicitDeny, reason: Reason::Missing(kind) }
}

/// Whether every level has a policy that allows; true when there are no levels.
fn all_levels<'a>(kind: PolicyKind, levels: &'a [PolicyLevel], question: &Question<'_>) -> Step<'a, bool> {
    let mut passed = true;
    for level in levels {
        passed &= any_of(kind, level, question)?.is_some();
    }
    Ok(passed)
}

/// The first allow of `policies`; all of them are searched for denies.
fn any_of<'a>(
    kind: PolicyKind,
    policies: &'a [Arc<CompiledPolicy>],
    question: &Question<'_>,
) -> Step<'a, Option<Allowed<'a>>> {
    let mut best = None;
    for policy in policies {
        let found = scan(kind, policy, question)?;
        best = best.or(found);
    }
    Ok(best)
}

/// Searches one policy: a deny ends the evaluation, else the allow that names the principal most closely counts.
fn scan<'a>(
    kind: PolicyKind,
    policy: &'a CompiledPolicy,
    question: &Question<'_>,
) -> Step<'a, Option<Allowed<'a>>> {
    if policy.poison().is_some() {
        let reason = Reason::NotUnderstood { kind, policy: policy.name() };
        return Err(Decision { effect: Effect::ExplicitDeny, reason });
    }
    let mut denied = None;
    let mut best: Option<(Strength, usize)> = None;
    policy.visit_matching(question, |at, statement| {
        // Nothing can be gained from a further allow once the principal itself is allowed.
        if statement.allow && best.is_some_and(|(strength, _)| strength == Strength::Direct) {
            return true;
        }
        if let Ok(strength) = statement.check(kind, question) {
            if !statement.allow {
                denied = Some(at);
            } else if best.is_none_or(|(known, _)| known < strength) {
                best = Some((strength, at));
            }
        }
        denied.is_none()
    });
    match denied {
        Some(at) => Err(Decision { effect: Effect::ExplicitDeny, reason: reference(kind, policy, at) }),
        None => Ok(best.map(|(strength, at)| Allowed { strength, reason: reference(kind, policy, at) })),
    }
}

fn reference<'a>(kind: PolicyKind, policy: &'a CompiledPolicy, at: usize) -> Reason<'a> {
    Reason::Statement(policy.statement_ref(kind, at))
}
