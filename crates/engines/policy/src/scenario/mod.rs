//! Requests and their policies as JSON, and their explained decisions as JSON: what `garrison policy explain` reads and
//! prints. `docs/how-to/explain-a-decision.md` documents the form.

mod read;
mod write;

use std::net::IpAddr;
use std::sync::Arc;

use garrison_types::AccountId;
use serde_json::{Value as Json, json};

pub use self::read::ScenarioError;
pub use self::write::trace_json;
use crate::compile::CompiledPolicy;
use crate::decision::{Decision, access_denied_message};
use crate::evaluate::{GrantRef, PolicyLevel, PolicySet, ResourcePolicy, ResourcePolicyKind};
use crate::principal::{OrganizationRef, Principal, PrincipalKind};
use crate::request::Request;
use crate::trace::explain;
use crate::value::{KeyList, Value, Values};

/// Decides the request, or each of the requests, in the JSON text `bytes` and tells why, as JSON.
///
/// A policy that cannot be understood is no error: it denies, and the answer says what is wrong with it.
///
/// # Errors
/// When the text is no JSON or not of the documented form; the error names the place.
pub fn explain_scenarios(bytes: &[u8]) -> Result<Json, ScenarioError> {
    Ok(match read::scenarios(bytes)? {
        read::Scenarios::One(scenario) => scenario.explain(),
        read::Scenarios::Many(list) => {
            json!({"results": list.iter().map(Scenario::explain).collect::<Vec<_>>()})
        }
    })
}

/// One request with the policies that it is decided over.
struct Scenario {
    name: Option<String>,
    principal: OwnedPrincipal,
    action: String,
    resource: String,
    resource_account: Option<AccountId>,
    context: Vec<(String, Vec<OwnedValue>)>,
    policies: Arc<OwnedPolicies>,
}

struct OwnedPrincipal {
    kind: PrincipalKind,
    arn: String,
    account: Option<AccountId>,
    user_id: String,
    issuer_arn: Option<String>,
    canonical_user: Option<String>,
    session_tags: Vec<(String, String)>,
    tags: Vec<(String, String)>,
    /// Id and path.
    organization: Option<(String, String)>,
    service_names: Vec<String>,
}

enum OwnedValue {
    Text(String),
    Bool(bool),
    Integer(i64),
    Ip(IpAddr),
    Bytes(Vec<u8>),
}

#[derive(Default)]
struct OwnedPolicies {
    identity: Vec<Arc<CompiledPolicy>>,
    boundary: Option<Arc<CompiledPolicy>>,
    session: Vec<Arc<CompiledPolicy>>,
    resource: Option<(ResourcePolicyKind, Arc<CompiledPolicy>)>,
    service_control: Vec<PolicyLevel>,
    resource_control: Vec<PolicyLevel>,
    endpoint: Option<Arc<CompiledPolicy>>,
    /// Id and grantee.
    grant: Option<(String, String)>,
}

impl Scenario {
    fn explain(&self) -> Json {
        let principal = self.principal.borrow();
        let lists: Vec<Vec<Value<'_>>> =
            self.context.iter().map(|(_, values)| values.iter().map(OwnedValue::borrow).collect()).collect();
        let names = self.context.iter().map(|(key, _)| key.as_str());
        let keys: Vec<(&str, Values<'_>)> = names.zip(lists.iter().map(|list| Values::Many(list))).collect();
        let request = Request {
            principal: &principal,
            action: &self.action,
            resource: &self.resource,
            resource_account: self.resource_account,
            keys: &KeyList(&keys),
        };
        let trace = explain(&self.policies.borrow(), &request);
        let mut answer = trace_json(&trace);
        if let Some(object) = answer.as_object_mut() {
            if let Some(name) = &self.name {
                object.shift_insert(0, "name".to_owned(), json!(name));
            }
            if !trace.decision.is_allowed() {
                object.shift_insert(
                    object.len() - 1,
                    "message".to_owned(),
                    json!(self.message(&trace.decision)),
                );
            }
        }
        answer
    }

    fn message(&self, decision: &Decision<'_>) -> String {
        let resource = (self.resource != "*").then_some(self.resource.as_str());
        access_denied_message(&self.principal.arn, &self.action, resource, decision)
    }
}

impl OwnedPrincipal {
    fn borrow(&self) -> Principal<'_> {
        Principal {
            issuer_arn: self.issuer_arn.as_deref(),
            canonical_user: self.canonical_user.as_deref(),
            session_tags: &self.session_tags,
            tags: &self.tags,
            organization: self.organization.as_ref().map(|(id, path)| OrganizationRef { id, path }),
            service_names: &self.service_names,
            ..Principal::new(self.kind, &self.arn, self.account, &self.user_id)
        }
    }
}

impl OwnedValue {
    fn borrow(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::Str(text),
            Self::Bool(value) => Value::Bool(*value),
            Self::Integer(number) => Value::Int(*number),
            Self::Ip(address) => Value::Ip(*address),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        }
    }
}

impl OwnedPolicies {
    fn borrow(&self) -> PolicySet<'_> {
        PolicySet {
            identity: &self.identity,
            boundary: self.boundary.as_deref(),
            session: &self.session,
            resource: self.resource.as_ref().map(|(kind, policy)| ResourcePolicy { kind: *kind, policy }),
            service_control: &self.service_control,
            resource_control: &self.resource_control,
            endpoint: self.endpoint.as_deref(),
            grant: self.grant.as_ref().map(|(id, grantee)| GrantRef { id, grantee }),
            ..PolicySet::default()
        }
    }
}
