//! The authorize phase: turns a question into the policy engine's terms, and a denial into AWS's words.

use std::sync::Arc;

use garrison_policy::{
    CompiledPolicy, ConditionKeys, GrantRef, OrganizationRef, PolicySet, Request, ResourcePolicy, Value,
    Values, access_denied_message, evaluate,
};
use garrison_schema::{ApiError, ServiceSchema};
use garrison_types::AccountId;

use crate::context::Context;
use crate::errors;
use crate::identity::{Membership, PrincipalPolicies};
use crate::kernel::Kernel;
use crate::operation::{Check, Shown};
use crate::principal::{Caller, Principal, Session};

/// A policy that allows nothing that there is, and denies nothing.
const ALLOWS_NOTHING: &[u8] =
    br#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"none:None","Resource":"*"}}"#;

/// What binds one who asks, whatever the question: gathered once for all that the caller of a call asks.
pub(crate) struct Asker {
    identity: Arc<PrincipalPolicies>,
    /// The session policies, when managed ones are among them: otherwise the session has them all.
    session: Option<Vec<Arc<CompiledPolicy>>>,
    membership: Option<Arc<Membership>>,
}

/// What the asker's account and the resource's say about a question, beside the resource itself.
pub(crate) struct Bounds<'a> {
    asker: &'a Asker,
    owner: Option<Arc<Membership>>,
}

impl Asker {
    /// Gathers it, from memory as a rule.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn gather(kernel: &Kernel, caller: &Caller) -> Result<Self, ApiError> {
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
        Ok(Self { identity, session, membership })
    }
}

impl<'a> Bounds<'a> {
    /// Adds what the owner of the resource says, from memory as a rule.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn gather(
        kernel: &Kernel,
        cx: &Context,
        check: &Check,
        asker: &'a Asker,
    ) -> Result<Self, ApiError> {
        let own = check.caller(cx).principal.account();
        let owner = match (check.account, &asker.membership) {
            (Some(owner), Some(membership)) if owner == own => Some(Arc::clone(membership)),
            (Some(owner), _) => Some(membership_of(kernel, owner).await?),
            (None, membership) => membership.clone(),
        };
        Ok(Self { asker, owner })
    }

    /// Who asks, with tags and organization.
    fn engine_principal<'c>(&'c self, caller: &'c Caller) -> garrison_policy::Principal<'c> {
        let organization = self.asker.membership.as_ref().and_then(|account| account.organization.as_ref());
        garrison_policy::Principal {
            session_tags: caller.session.as_ref().map_or(&[], |session| &session.tags),
            tags: &self.asker.identity.tags,
            organization: organization.map(|own| OrganizationRef { id: &own.id, path: &own.path }),
            ..caller.engine_principal()
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
        let policy = kernel.identities().managed_policy(arn).await?;
        policies.push(
            policy.unwrap_or_else(|| Arc::new(CompiledPolicy::from_stored(arn.as_str(), ALLOWS_NOTHING))),
        );
    }
    Ok(policies)
}

/// Decides one question.
///
/// # Errors
/// `AccessDeniedException` (`AccessDenied` in the query protocol) with AWS's message, which names what decided.
pub(crate) fn authorize<'a>(
    kernel: &Kernel,
    service: &'static ServiceSchema,
    cx: &'a Context,
    action: &str,
    check: &'a Check,
    bounds: &'a Bounds<'_>,
    service_keys: &'a dyn Fn(&str) -> Option<Values<'a>>,
) -> Result<(), ApiError> {
    let (caller, asker) = (check.caller(cx), bounds.asker);
    let principal = bounds.engine_principal(caller);
    let keys = Keys { cx, session: caller.session.as_deref(), owner: bounds.owner.as_deref(), service_keys };
    let request = Request {
        principal: &principal,
        action,
        resource: &check.resource,
        resource_account: check.account,
        keys: &keys,
    };
    let passed = caller.session.as_ref().map_or(&[][..], |session| &session.policies);
    let policies = PolicySet {
        indexed: Some(&asker.identity.policies),
        boundary: asker.identity.boundary.as_deref(),
        session: asker.session.as_deref().unwrap_or(passed),
        resource: check.policy.as_deref().map(|policy| ResourcePolicy { policy, kind: check.policy_kind }),
        grant: check.grant.as_ref().map(|grant| GrantRef { id: &grant.id, grantee: &grant.grantee }),
        service_control: asker.membership.as_ref().map_or(&[], |account| &account.service_control),
        resource_control: bounds.owner.as_ref().map_or(&[], |account| &account.resource_control),
        ..PolicySet::default()
    };
    if let Some(decisions) = kernel.decisions() {
        decisions.note(cx.request_id, &policies, &request);
    }
    let decision = evaluate(&policies, &request);
    if decision.is_allowed() {
        return Ok(());
    }
    let resource = match &check.shown {
        Shown::Arn | Shown::ArnOr(_) => Some(&*check.resource),
        Shown::Nothing => None,
        Shown::Words(words) => Some(&**words),
    };
    Err(match resource {
        Some(resource) if check.hides_existence(cx) => match check.shown {
            Shown::ArnOr(phrase) => errors::denied_unnamed(service, &caller.arn, action, phrase),
            _ => errors::denied_elsewhere(service, &caller.arn, action, resource),
        },
        // Who is not here yet learns neither what decided nor which role it was.
        _ if matches!(caller.principal, Principal::Federated(_)) => {
            ApiError::new(errors::access_denied(service), format!("Not authorized to perform {action}"))
        }
        _ => {
            let message = access_denied_message(&caller.arn, action, resource, &decision);
            ApiError::new(errors::access_denied(service), message)
        }
    })
}

/// The global condition keys that do not follow from the principal, and behind them the service's own.
///
/// Source: AWS IAM User Guide, "AWS global condition context keys".
struct Keys<'a> {
    cx: &'a Context,
    session: Option<&'a Session>,
    owner: Option<&'a Membership>,
    service_keys: &'a dyn Fn(&str) -> Option<Values<'a>>,
}

impl ConditionKeys for Keys<'_> {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        let Some(name) = key.strip_prefix("aws:") else {
            return (self.service_keys)(key).or_else(|| self.of_provider(key));
        };
        self.of_call(name)
            .or_else(|| self.of_session(name))
            .or_else(|| (self.service_keys)(key))
            .or_else(|| self.of_provider(key))
    }
}

impl Keys<'_> {
    /// The circumstances of the call.
    fn of_call(&self, name: &str) -> Option<Values<'_>> {
        let cx = self.cx;
        let via = cx.via.as_ref();
        let organization = || self.owner?.organization.as_ref();
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
            "resourceorgid" => Some((&*organization()?.id).into()),
            "resourceorgpaths" => Some((&*organization()?.path).into()),
            _ => None,
        }
    }

    /// What temporary credentials say. Long-term ones have none of these keys.
    fn of_session(&self, name: &str) -> Option<Values<'_>> {
        let session = self.session?;
        match name {
            "multifactorauthpresent" => Some(session.mfa.is_some().into()),
            "multifactorauthage" => {
                Some(((self.cx.time.as_millis() - session.mfa?.as_millis()) / 1000).into())
            }
            "tokenissuetime" => Some(Value::Time(session.issued).into()),
            "sourceidentity" => session.source_identity.as_deref().map(Values::from),
            "federatedprovider" => session.provider.as_deref().map(Values::from),
            _ => None,
        }
    }

    /// What the session keeps for as long as it lasts: what the identity provider said, `aws:AssumedRoot`.
    fn of_provider(&self, key: &str) -> Option<Values<'_>> {
        let (_, values) = self.session?.context.iter().find(|(name, _)| name == key)?;
        Some(values.as_slice().into())
    }
}
