//! The authorize phase: turns a question into the policy engine's terms, and a denial into AWS's words.

use std::sync::Arc;

use garrison_policy::{
    CompiledPolicy, ConditionKeys, GrantRef, PolicyLevel, PolicySet, Request, ResourcePolicy, Value, Values,
    access_denied_message, evaluate,
};
use garrison_schema::{ApiError, ServiceSchema};
use garrison_types::AccountId;

use crate::context::Context;
use crate::errors;
use crate::identity::{Membership, PrincipalPolicies};
use crate::kernel::Kernel;
use crate::operation::Check;
use crate::principal::{Caller, Principal, Session};

/// The services whose resources resource control policies bind.
///
/// Source: AWS Organizations User Guide, "Resource control policies (RCPs)", "List of AWS services that support RCPs".
const RESOURCE_CONTROLLED: [&str; 9] =
    ["aoss", "cognito-identity", "cognito-idp", "dynamodb", "ecr", "kms", "s3", "secretsmanager", "sqs"];
/// Roles that only their service can use: organizations do not limit them.
const SERVICE_LINKED: &str = ":role/aws-service-role/";

/// What the caller's account and the resource's say about a question, beside the resource itself.
pub(crate) struct Bounds {
    identity: Arc<PrincipalPolicies>,
    /// The session policies, when managed ones are among them: otherwise the session has them all.
    session: Option<Vec<Arc<CompiledPolicy>>>,
    membership: Option<Arc<Membership>>,
    owner: Option<Arc<Membership>>,
}

impl Bounds {
    /// Gathers them, from memory as a rule.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn gather(kernel: &Kernel, cx: &Context, check: &Check) -> Result<Self, ApiError> {
        let caller = check.caller(cx);
        let identities = kernel.identities();
        let identity = match identities.cached(&caller.principal) {
            Some(policies) => policies,
            None => identities.policies(&caller.principal).await?,
        };
        let session = match &caller.session {
            Some(session) if !session.policy_arns.is_empty() => Some(all_of(kernel, session).await?),
            _ => None,
        };
        let membership = match caller.principal {
            Principal::Service { .. } | Principal::Federated(_) | Principal::Anonymous => None,
            _ => Some(membership_of(kernel, caller.principal.account()).await?),
        };
        let owner = match (check.account, &membership) {
            (Some(owner), Some(own)) if owner == caller.principal.account() => Some(Arc::clone(own)),
            (Some(owner), _) => Some(membership_of(kernel, owner).await?),
            (None, own) => own.clone(),
        };
        Ok(Self { identity, session, membership, owner })
    }

    /// The levels of service control policies that bind the caller.
    fn service_control(&self, caller: &Caller) -> &[PolicyLevel] {
        match (&self.membership, is_service_linked(caller)) {
            (Some(membership), false) => &membership.service_control,
            _ => &[],
        }
    }

    /// The levels of resource control policies that bind the resource.
    fn resource_control(&self, caller: &Caller, action: &str) -> &[PolicyLevel] {
        let service = action.split(':').next().unwrap_or_default();
        // Of STS only the roles' own actions are bound: the resource is a role.
        let bound = RESOURCE_CONTROLLED.contains(&service) || service == "sts";
        match &self.owner {
            Some(owner) if bound && !is_service_linked(caller) => &owner.resource_control,
            _ => &[],
        }
    }
}

async fn membership_of(kernel: &Kernel, account: AccountId) -> Result<Arc<Membership>, ApiError> {
    match kernel.organizations().cached(account) {
        Some(membership) => Ok(membership),
        None => kernel.organizations().membership(account).await,
    }
}

/// Every session policy. One that is not there any more allows nothing, as on AWS: an empty policy stands for it.
async fn all_of(kernel: &Kernel, session: &Session) -> Result<Vec<Arc<CompiledPolicy>>, ApiError> {
    let mut policies = session.policies.clone();
    for arn in &session.policy_arns {
        policies.extend(kernel.identities().managed_policy(arn).await?);
    }
    Ok(policies)
}

fn is_service_linked(caller: &Caller) -> bool {
    matches!(&caller.principal, Principal::AssumedRole(session) if session.role_arn.contains(SERVICE_LINKED))
}

/// Decides one question.
///
/// # Errors
/// `AccessDeniedException` (`AccessDenied` in the query protocol) with AWS's message, which names what decided.
pub(crate) fn authorize<'a>(
    service: &'static ServiceSchema,
    cx: &'a Context,
    action: &str,
    check: &'a Check,
    bounds: &'a Bounds,
    service_keys: &'a dyn Fn(&str) -> Option<Values<'a>>,
) -> Result<(), ApiError> {
    let caller = check.caller(cx);
    let principal = caller.engine_principal();
    let keys = Keys { cx, caller, bounds, service_keys };
    let request = Request {
        principal: &principal,
        action,
        resource: &check.resource,
        resource_account: check.account,
        keys: &keys,
    };
    let passed = caller.session.as_ref().map_or(&[][..], |session| &session.policies);
    let policies = PolicySet {
        identity: &bounds.identity.policies,
        boundary: bounds.identity.boundary.as_deref(),
        session: bounds.session.as_deref().unwrap_or(passed),
        resource: check.policy.as_deref().map(|policy| ResourcePolicy { policy, kind: check.policy_kind }),
        grant: check.grant.as_ref().map(|grant| GrantRef { id: &grant.id, grantee: &grant.grantee }),
        service_control: bounds.service_control(caller),
        resource_control: bounds.resource_control(caller, action),
        endpoint: None,
    };
    let decision = evaluate(&policies, &request);
    if decision.is_allowed() {
        return Ok(());
    }
    let resource = (&*check.resource != "*").then_some(&*check.resource);
    Err(match resource {
        Some(resource) if check.hides_existence(cx) => {
            errors::denied_elsewhere(service, &caller.arn, action, resource)
        }
        _ => {
            let message = access_denied_message(&caller.arn, action, resource, &decision);
            ApiError::new(errors::access_denied(service), message)
        }
    })
}

/// The global condition keys, and behind them the service's own.
///
/// Source: AWS IAM User Guide, "AWS global condition context keys".
struct Keys<'a> {
    cx: &'a Context,
    caller: &'a Caller,
    bounds: &'a Bounds,
    service_keys: &'a dyn Fn(&str) -> Option<Values<'a>>,
}

impl ConditionKeys for Keys<'_> {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        let name = match key.strip_prefix("aws:") {
            Some(name) => name,
            None => return (self.service_keys)(key).or_else(|| self.of_federation(key)),
        };
        self.of_call(name).or_else(|| self.of_principal(name)).or_else(|| (self.service_keys)(key))
    }
}

impl Keys<'_> {
    /// The circumstances of the call.
    fn of_call(&self, name: &str) -> Option<Values<'_>> {
        let cx = self.cx;
        let via = cx.via.as_ref();
        match name {
            "currenttime" | "epochtime" => Some(Value::Time(cx.time).into()),
            "requestedregion" => Some(cx.region.as_str().into()),
            "securetransport" => Some((cx.source.tls.is_some() || via.is_some()).into()),
            "sourceip" => cx.source.ip.filter(|_| via.is_none()).map(|ip| Value::Ip(ip).into()),
            "useragent" => {
                Some(cx.source.user_agent.as_str()).filter(|agent| !agent.is_empty()).map(Values::from)
            }
            "viaawsservice" => Some(via.is_some().into()),
            "calledvia" | "calledviafirst" | "calledvialast" => via.map(|via| via.principal.into()),
            "resourceorgid" => self.organization(self.bounds.owner.as_ref()).map(|org| (&*org.id).into()),
            "resourceorgpaths" => {
                self.organization(self.bounds.owner.as_ref()).map(|org| (&*org.path).into())
            }
            _ => None,
        }
    }

    /// What the caller's credentials, tags and organization say.
    fn of_principal(&self, name: &str) -> Option<Values<'_>> {
        if let Some(tag) = name.strip_prefix("principaltag/") {
            return self.principal_tag(tag).map(Values::from);
        }
        let session = self.caller.session.as_deref();
        match name {
            // Long-term credentials do not have the key at all.
            "multifactorauthpresent" => session.map(|session| session.mfa.is_some().into()),
            "multifactorauthage" => {
                let shown = session?.mfa?;
                Some(((self.cx.time.as_millis() - shown.as_millis()) / 1000).into())
            }
            "tokenissuetime" => session.map(|session| Value::Time(session.issued).into()),
            "sourceidentity" => session?.source_identity.as_deref().map(Values::from),
            "federatedprovider" => session?.provider.as_deref().map(Values::from),
            "principalorgid" => {
                self.organization(self.bounds.membership.as_ref()).map(|org| (&*org.id).into())
            }
            "principalorgpaths" => {
                self.organization(self.bounds.membership.as_ref()).map(|org| (&*org.path).into())
            }
            _ => None,
        }
    }

    /// Session tags come before the tags of the role or user.
    fn principal_tag(&self, tag: &str) -> Option<&str> {
        let session = self.caller.session.as_ref().map_or(&[][..], |session| &session.tags);
        let mut tags = session.iter().chain(&self.bounds.identity.tags);
        tags.find(|(name, _)| name.eq_ignore_ascii_case(tag)).map(|(_, value)| value.as_str())
    }

    /// The keys of the identity provider that last as long as the session.
    fn of_federation(&self, key: &str) -> Option<Values<'_>> {
        let session = self.caller.session.as_ref()?;
        session.context.iter().find(|(name, _)| name == key).map(|(_, values)| values.as_slice().into())
    }

    fn organization<'k>(
        &self,
        membership: Option<&'k Arc<Membership>>,
    ) -> Option<&'k crate::identity::Organization> {
        membership?.organization.as_ref()
    }
}
