//! Decides a request over all the policies that apply to it.

use std::sync::Arc;

use crate::compile::{CompiledPolicy, Question};
use crate::decision::{Decision, Effect, PolicyKind, Reason};
use crate::indexed::IndexedPolicies;
use crate::organization;
use crate::principal::{PrincipalKind, Strength};
use crate::request::Request;

/// The policies attached to one level of an organization: its root, a unit, or the account. Shared between the
/// accounts below it.
pub type PolicyLevel = Arc<[Arc<CompiledPolicy>]>;

/// What a policy on a resource means for identity-based policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResourcePolicyKind {
    /// Bucket policies, queue policies, topic policies, those of Lambda functions and secrets and the like: within an
    /// account they add to what identities may do.
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
    /// More identity-based policies of the principal, indexed together: for principals with many statements.
    pub indexed: Option<&'a IndexedPolicies>,
    /// The permissions boundary of the user or role.
    pub boundary: Option<&'a CompiledPolicy>,
    /// Session policies; empty when none were passed.
    pub session: &'a [Arc<CompiledPolicy>],
    /// The policy of the resource.
    pub resource: Option<ResourcePolicy<'a>>,
    /// A grant that covers the request.
    pub grant: Option<GrantRef<'a>>,
    /// Service control policies by level, for a principal in a member account; every level must allow. They do not count
    /// for service-linked roles and for principals without an account. The caller leaves them out for a principal in
    /// the management account.
    pub service_control: &'a [PolicyLevel],
    /// Resource control policies by level, for a resource in a member account; every level must allow. They do not count
    /// for service-linked roles and for actions to which [`rcp_applies`] does not apply. The caller leaves them out for
    /// a resource in the management account and for AWS managed KMS keys.
    pub resource_control: &'a [PolicyLevel],
    /// The policy of the VPC endpoint that the request came through.
    pub endpoint: Option<&'a CompiledPolicy>,
}

impl<'a> PolicySet<'a> {
    /// The same without the organizations' policies that do not restrict `request`.
    pub(crate) fn binding(&self, request: &Request<'_>) -> Self {
        let service_control = if organization::binds_principal(request) { self.service_control } else { &[] };
        let resource_control =
            if organization::binds_resource(request) { self.resource_control } else { &[] };
        Self { service_control, resource_control, ..*self }
    }

    /// Every policy with its place and its level, in the order in which denies are looked for.
    pub(crate) fn levels(
        &self,
    ) -> impl Iterator<Item = (PolicyKind, Option<usize>, &'a CompiledPolicy)> + use<'a> {
        fn numbered(
            kind: PolicyKind,
            levels: &[PolicyLevel],
        ) -> impl Iterator<Item = (PolicyKind, Option<usize>, &CompiledPolicy)> {
            levels
                .iter()
                .enumerate()
                .flat_map(move |(at, level)| level.iter().map(move |policy| (kind, Some(at), &**policy)))
        }
        let indexed = self.indexed.map_or(&[][..], IndexedPolicies::policies);
        let others = PolicySet { service_control: &[], resource_control: &[], ..*self };
        let others =
            others.before_indexed().chain(each(PolicyKind::Identity, indexed)).chain(others.after_indexed());
        numbered(PolicyKind::ServiceControl, self.service_control)
            .chain(numbered(PolicyKind::ResourceControl, self.resource_control))
            .chain(others.map(|(kind, policy)| (kind, None, policy)))
    }

    fn before_indexed(&self) -> impl Iterator<Item = (PolicyKind, &'a CompiledPolicy)> + use<'a> {
        self.service_control
            .iter()
            .flat_map(|level| each(PolicyKind::ServiceControl, level))
            .chain(self.resource_control.iter().flat_map(|level| each(PolicyKind::ResourceControl, level)))
            .chain(self.endpoint.map(|policy| (PolicyKind::Endpoint, policy)))
            .chain(each(PolicyKind::Identity, self.identity))
    }

    fn after_indexed(&self) -> impl Iterator<Item = (PolicyKind, &'a CompiledPolicy)> + use<'a> {
        let resource = self.resource.map(|resource| (resource.kind.policy_kind(), resource.policy));
        let boundary = self.boundary.map(|policy| (PolicyKind::Boundary, policy));
        boundary.into_iter().chain(each(PolicyKind::Session, self.session)).chain(resource)
    }
}

fn each(
    kind: PolicyKind,
    policies: &[Arc<CompiledPolicy>],
) -> impl Iterator<Item = (PolicyKind, &CompiledPolicy)> {
    policies.iter().map(move |policy| (kind, &**policy))
}

/// Decides `request` over `policies`.
///
/// Source: IAM User Guide, "Policy evaluation logic" and "Cross-account policy evaluation logic".
pub fn evaluate<'a>(policies: &PolicySet<'a>, request: &Request<'_>) -> Decision<'a> {
    let policies = policies.binding(request);
    let evaluation = Evaluation { policies: &policies, question: &Question::new(request) };
    if let Some(reason) = evaluation.deny() {
        return Decision { effect: Effect::ExplicitDeny, reason };
    }
    // What an organization or an endpoint does not let through, nobody can allow.
    let allowed = match evaluation.bar() {
        Some(kind) => Err(kind),
        None => evaluation.allow().or_else(|kind| evaluation.grant().ok_or(kind)),
    };
    match allowed {
        Ok(reason) => Decision { effect: Effect::Allow, reason },
        Err(kind) => Decision { effect: Effect::ImplicitDeny, reason: Reason::Missing(kind) },
    }
}

/// Whether a key policy lets the principal of `request` do what it asks, either by itself or by delegating to the
/// principal's account: what the lockout safety check of `PutKeyPolicy` asks with the action
/// `kms:PutKeyPolicy`. Source: KMS API Reference, "PutKeyPolicy", `BypassPolicyLockoutSafetyCheck`.
pub fn key_policy_admits(policy: &CompiledPolicy, request: &Request<'_>) -> bool {
    let question = Question::new(request);
    policy.poison().is_none()
        && policy.find_deny(PolicyKind::Resource, &question).is_none()
        && policy.find_allow(PolicyKind::Resource, &question).is_some()
}

/// One request over one set of policies; every question is answered when it is asked.
struct Evaluation<'a, 'q> {
    policies: &'q PolicySet<'a>,
    question: &'q Question<'q>,
}

impl<'a> Evaluation<'a, '_> {
    /// What denies explicitly: a statement, or a policy that cannot be understood.
    fn deny(&self) -> Option<Reason<'a>> {
        let denies = |(kind, policy): (PolicyKind, &'a CompiledPolicy)| {
            if policy.poison().is_some() {
                return Some(Reason::NotUnderstood { kind, policy: policy.name() });
            }
            let at = policy.find_deny(kind, self.question)?;
            Some(Reason::Statement(policy.statement_ref(kind, at)))
        };
        let mut before = self.policies.before_indexed();
        let mut after = self.policies.after_indexed();
        before.find_map(denies).or_else(|| self.deny_indexed()).or_else(|| after.find_map(denies))
    }

    fn deny_indexed(&self) -> Option<Reason<'a>> {
        let (kind, indexed) = (PolicyKind::Identity, self.policies.indexed?);
        if let Some(policy) = indexed.not_understood() {
            return Some(Reason::NotUnderstood { kind, policy: policy.name() });
        }
        let (policy, at) = indexed.find_deny(self.question)?;
        Some(Reason::Statement(policy.statement_ref(kind, at)))
    }

    /// The organization's or the endpoint's policies when they do not allow.
    fn bar(&self) -> Option<PolicyKind> {
        let (rcp, scp) = (PolicyKind::ResourceControl, PolicyKind::ServiceControl);
        let closed = |kind, level: &PolicyLevel| !level.iter().any(|policy| self.allows(kind, policy));
        if self.policies.resource_control.iter().any(|level| closed(rcp, level)) {
            Some(rcp)
        } else if self.policies.service_control.iter().any(|level| closed(scp, level)) {
            Some(scp)
        } else {
            let endpoint = self.policies.endpoint?;
            (!self.allows(PolicyKind::Endpoint, endpoint)).then_some(PolicyKind::Endpoint)
        }
    }

    /// Who allows among the principal's and the resource's policies, or which kind of policy is missing.
    fn allow(&self) -> Result<Reason<'a>, PolicyKind> {
        let request = self.question.request;
        let resource = self.policies.resource;
        let kind = resource.map_or(PolicyKind::Resource, |resource| resource.kind.policy_kind());
        let named = resource.and_then(|ResourcePolicy { policy, .. }| {
            let (strength, at) = policy.find_allow(kind, self.question)?;
            Some((strength, Reason::Statement(policy.statement_ref(kind, at))))
        });
        if !request.principal.has_identity() {
            return named.map(|(_, reason)| reason).ok_or(kind);
        }
        if !request.same_account() {
            let (_, reason) = named.ok_or(kind)?;
            return self.identity().map(|_| reason);
        }
        let authoritative = resource.is_some_and(|resource| resource.kind != ResourcePolicyKind::Standard);
        match named {
            Some((Strength::Direct, reason)) => Ok(reason),
            Some((Strength::Issuer, reason)) => self.limit().map_or(Ok(reason), Err),
            None if authoritative => Err(kind),
            Some((Strength::Account, _)) | None => self.identity(),
        }
    }

    /// The grant, if there is one that counts: it needs no policy beside it.
    fn grant(&self) -> Option<Reason<'a>> {
        let grant = self.policies.grant?;
        let direct = grant.grantee == self.question.request.principal.arn;
        (direct || self.limit().is_none()).then_some(Reason::Grant(grant.id))
    }

    /// Who allows on the principal's side, within its limits, or which kind of policy is missing.
    fn identity(&self) -> Result<Reason<'a>, PolicyKind> {
        let kind = PolicyKind::Identity;
        let root = self.question.request.principal.kind == PrincipalKind::Root;
        let PolicySet { identity, indexed, .. } = self.policies;
        let one_by_one = || {
            identity.iter().find_map(|policy| Some((&**policy, policy.find_identity(true, self.question)?)))
        };
        let reason = one_by_one()
            .or_else(|| indexed.and_then(|indexed| indexed.find_allow(self.question)))
            .map(|(policy, at)| Reason::Statement(policy.statement_ref(kind, at)))
            .or(root.then_some(Reason::RootUser))
            .ok_or(kind)?;
        self.limit().map_or(Ok(reason), Err)
    }

    /// The kind of policy that limits the principal and does not allow.
    fn limit(&self) -> Option<PolicyKind> {
        let PolicySet { boundary, session, .. } = self.policies;
        if boundary.is_some_and(|policy| !self.allows(PolicyKind::Boundary, policy)) {
            return Some(PolicyKind::Boundary);
        }
        // A federated user has no more than its session policies say.
        let needed =
            !session.is_empty() || self.question.request.principal.kind == PrincipalKind::FederatedUser;
        let missing = needed && !session.iter().any(|policy| self.allows(PolicyKind::Session, policy));
        missing.then_some(PolicyKind::Session)
    }

    fn allows(&self, kind: PolicyKind, policy: &CompiledPolicy) -> bool {
        policy.find_allow(kind, self.question).is_some()
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
