//! The authorize phase: turns a question into the policy engine's terms, and a denial into AWS's words.

use garrison_policy::{
    ConditionKeys, GrantRef, PolicySet, Request, ResourcePolicy, ResourcePolicyKind, Value, Values,
    access_denied_message, evaluate,
};
use garrison_schema::ApiError;

use crate::context::{Context, Principal};
use crate::errors;
use crate::kernel::Kernel;
use crate::operation::Check;

/// Decides one question.
///
/// # Errors
/// `AccessDeniedException` with AWS's message, which names what decided.
pub(crate) fn authorize<'a>(
    kernel: &Kernel,
    cx: &'a Context,
    action: &str,
    check: &Check,
    service_keys: &'a dyn Fn(&str) -> Option<Values<'a>>,
) -> Result<(), ApiError> {
    let principal = engine_principal(cx);
    let keys = Keys { cx, service_keys };
    let request = Request {
        principal: &principal,
        action,
        resource: &check.resource,
        resource_account: check.account,
        keys: &keys,
    };
    let identity = kernel.identities().policies(&cx.caller.principal);
    let policies = PolicySet {
        identity: &identity.policies,
        resource: check.policy.as_deref().map(|policy| ResourcePolicy {
            policy,
            kind: if check.authoritative { ResourcePolicyKind::Key } else { ResourcePolicyKind::Standard },
        }),
        grant: check.grant.as_ref().map(|grant| GrantRef { id: &grant.id, grantee: &grant.grantee }),
        ..PolicySet::default()
    };
    let decision = evaluate(&policies, &request);
    if decision.is_allowed() {
        return Ok(());
    }
    let resource = (&*check.resource != "*").then_some(&*check.resource);
    Err(match resource {
        Some(resource) if check.account.is_some_and(|owner| owner != cx.account()) => {
            errors::denied_elsewhere(&cx.caller.arn, action, resource)
        }
        _ => {
            let message = access_denied_message(&cx.caller.arn, action, resource, &decision);
            ApiError::new(&errors::ACCESS_DENIED, message)
        }
    })
}

fn engine_principal(cx: &Context) -> garrison_policy::Principal<'_> {
    match &cx.caller.principal {
        Principal::Root { account, .. } => garrison_policy::Principal::root(&cx.caller.arn, account),
        Principal::Service { name, .. } => garrison_policy::Principal::service(name),
        Principal::Anonymous => garrison_policy::Principal::anonymous(),
    }
}

/// The global condition keys, and behind them the service's own.
///
/// Source: AWS IAM User Guide, "AWS global condition context keys".
struct Keys<'a> {
    cx: &'a Context,
    service_keys: &'a dyn Fn(&str) -> Option<Values<'a>>,
}

impl ConditionKeys for Keys<'_> {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        let cx = self.cx;
        let via = cx.via.as_ref();
        match key {
            "aws:currenttime" | "aws:epochtime" => Some(Value::Time(cx.time).into()),
            "aws:requestedregion" => Some(cx.region.as_str().into()),
            "aws:securetransport" => Some((cx.source.tls.is_some() || via.is_some()).into()),
            "aws:sourceip" => cx.source.ip.filter(|_| via.is_none()).map(|ip| Value::Ip(ip).into()),
            "aws:useragent" => {
                Some(cx.source.user_agent.as_str()).filter(|agent| !agent.is_empty()).map(Values::from)
            }
            "aws:viaawsservice" => Some(via.is_some().into()),
            "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast" => {
                via.map(|via| via.principal.into())
            }
            _ => (self.service_keys)(key),
        }
    }
}
