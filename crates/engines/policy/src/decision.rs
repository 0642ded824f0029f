//! The answer, with its reason, and AWS's words for it.

use std::fmt;

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Go ahead.
    Allow,
    /// A statement says no.
    ExplicitDeny,
    /// No statement says yes.
    ImplicitDeny,
}

/// The place that a policy has in an evaluation.
///
/// Its `Display` is what AWS calls it in messages, for example `identity-based policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    /// Attached to the user, its groups, or the role.
    Identity,
    /// Attached to the resource.
    Resource,
    /// The role's trust policy.
    RoleTrust,
    /// The permissions boundary of the user or role.
    Boundary,
    /// Passed when the session was made.
    Session,
    /// A service control policy of the principal's organization.
    ServiceControl,
    /// A resource control policy of the resource's organization.
    ResourceControl,
    /// The policy of the VPC endpoint that the request came through.
    Endpoint,
}

impl PolicyKind {
    /// Whether an `Allow` in such a policy grants something by itself; those of the others only limit.
    pub(crate) fn grants(self) -> bool {
        matches!(self, Self::Identity | Self::Resource | Self::RoleTrust)
    }

    /// Whether messages give the ARN of such a policy that denies.
    fn is_named_in_messages(self) -> bool {
        matches!(
            self,
            Self::Identity | Self::Boundary | Self::Session | Self::ServiceControl | Self::ResourceControl
        )
    }
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identity => "identity-based policy",
            Self::Resource => "resource-based policy",
            Self::RoleTrust => "role trust policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
            Self::Endpoint => "VPC endpoint policy",
        })
    }
}

/// One statement of one policy of the set that was evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementRef<'a> {
    /// The policy's place.
    pub kind: PolicyKind,
    /// The policy's name, as given when it was compiled.
    pub policy: &'a str,
    /// The statement's place in the policy, counted from zero.
    pub statement: usize,
    /// The statement's `Sid`.
    pub sid: Option<&'a str>,
}

/// Why it was decided so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason<'a> {
    /// This statement allows or denies.
    Statement(StatementRef<'a>),
    /// Allowed: the root user may do everything in its own account.
    RootUser,
    /// Allowed by the grant with this id.
    Grant(&'a str),
    /// Denied implicitly: no policy of this kind allows.
    Missing(PolicyKind),
    /// Denied explicitly: this policy cannot be understood.
    NotUnderstood {
        /// The policy's place.
        kind: PolicyKind,
        /// The policy's name.
        policy: &'a str,
    },
}

/// The answer to a [`Request`](crate::Request).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision<'a> {
    /// What was decided.
    pub effect: Effect,
    /// Why.
    pub reason: Reason<'a>,
}

impl Decision<'_> {
    /// Whether the request may go ahead.
    pub fn is_allowed(&self) -> bool {
        self.effect == Effect::Allow
    }

    /// The ARN of the policy that denies explicitly, when it was compiled under one and is of a kind whose ARN AWS gives.
    ///
    /// AWS gives it only to callers in the account or organization of the resource.
    /// Source: AWS Security Blog, "Enhanced access denied error messages with policy ARNs".
    pub fn denying_policy_arn(&self) -> Option<&str> {
        let (kind, policy) = match (self.effect, self.reason) {
            (Effect::ExplicitDeny, Reason::Statement(StatementRef { kind, policy, .. })) => (kind, policy),
            (Effect::ExplicitDeny, Reason::NotUnderstood { kind, policy }) => (kind, policy),
            _ => return None,
        };
        (kind.is_named_in_messages() && policy.starts_with("arn:")).then_some(policy)
    }

    /// AWS's words for a denial of `action`, as they stand at the end of its message: `because no identity-based
    /// policy allows the kms:Decrypt action` or `with an explicit deny in a service control policy`. Empty when
    /// allowed. Source: IAM User Guide, "Troubleshoot access denied error messages".
    pub fn because_text(&self, action: &str) -> String {
        match (self.effect, self.reason) {
            (
                Effect::ExplicitDeny,
                Reason::Statement(StatementRef { kind, .. }) | Reason::NotUnderstood { kind, .. },
            ) => {
                let article = match kind {
                    PolicyKind::Identity => "an",
                    PolicyKind::RoleTrust => "the",
                    _ => "a",
                };
                format!("with an explicit deny in {article} {kind}")
            }
            (Effect::ImplicitDeny, Reason::Missing(kind)) => {
                format!("because no {kind} allows the {action} action")
            }
            _ => String::new(),
        }
    }
}

/// AWS's message for a denied request: `User: ARN is not authorized to perform: ACTION on resource: RESOURCE
/// because …`. Without a resource that part is left out.
///
/// Source: IAM User Guide, "Troubleshoot access denied error messages".
pub fn access_denied_message(
    principal_arn: &str,
    action: &str,
    resource: Option<&str>,
    decision: &Decision<'_>,
) -> String {
    let mut message = format!("User: {principal_arn} is not authorized to perform: {action}");
    if let Some(resource) = resource {
        message.push_str(" on resource: ");
        message.push_str(resource);
    }
    let because = decision.because_text(action);
    if !because.is_empty() {
        message.push(' ');
        message.push_str(&because);
    }
    message
}

/// The same message for a caller in the account or organization of the resource: with the ARN of the policy that denies
/// explicitly, when it has one, behind a colon at the end.
///
/// Source: AWS Security Blog, "Enhanced access denied error messages with policy ARNs".
pub fn access_denied_message_with_policy(
    principal_arn: &str,
    action: &str,
    resource: Option<&str>,
    decision: &Decision<'_>,
) -> String {
    let mut message = access_denied_message(principal_arn, action, resource, decision);
    if let Some(arn) = decision.denying_policy_arn() {
        message.push_str(": ");
        message.push_str(arn);
    }
    message
}
