//! What authorization decided, for whoever debugs policies: the trace of each call's decisions, and what each principal used.
//!
//! Off as a rule; then a call pays a look at one pointer for it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use garrison_policy::{PolicySet, Request, explain, trace_json};
use garrison_types::RequestId;
use parking_lot::Mutex;
use serde_json::{Value, json};

/// The most calls whose traces wait to be fetched.
const MAX_PENDING: usize = 10_000;
/// The most principals, and the most resources of one action of one principal, that are recorded. Beyond the latter the
/// recorded resource is `*`.
const MAX_PRINCIPALS: usize = 10_000;
const MAX_RESOURCES: usize = 100;

/// What is kept of decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecisionOptions {
    /// The trace of each call, until the front door fetches it.
    pub traces: bool,
    /// Which actions each principal used on which resources.
    pub usage: bool,
}

/// Actions, each with the resources that it was used on.
type Used = BTreeMap<String, BTreeSet<Arc<str>>>;

/// Decisions as they are made.
#[derive(Debug)]
pub struct Decisions {
    options: DecisionOptions,
    pending: Mutex<HashMap<RequestId, Vec<Value>>>,
    used: Mutex<BTreeMap<Arc<str>, Used>>,
}

impl Decisions {
    /// Keeps what `options` say.
    pub fn new(options: DecisionOptions) -> Self {
        Self { options, pending: Mutex::default(), used: Mutex::default() }
    }

    /// Notes one decision of a call.
    pub(crate) fn note(&self, request_id: RequestId, policies: &PolicySet<'_>, request: &Request<'_>) {
        if self.options.usage {
            self.note_use(request);
        }
        if !self.options.traces {
            return;
        }
        let mut trace = trace_json(&explain(policies, request));
        if let Some(trace) = trace.as_object_mut() {
            trace.insert("action".to_owned(), json!(request.action));
            trace.insert("resource".to_owned(), json!(request.resource));
        }
        let mut pending = self.pending.lock();
        if pending.len() < MAX_PENDING || pending.contains_key(&request_id) {
            pending.entry(request_id).or_default().push(trace);
        }
    }

    fn note_use(&self, request: &Request<'_>) {
        // Policies hang on roles and users, not on their sessions.
        let principal = request.principal.issuer_arn.unwrap_or(request.principal.arn);
        let mut used = self.used.lock();
        if used.len() >= MAX_PRINCIPALS && !used.contains_key(principal) {
            return;
        }
        let resources =
            used.entry(principal.into()).or_default().entry(request.action.to_owned()).or_default();
        if resources.contains(request.resource) || resources.contains("*") {
            return;
        }
        if resources.len() < MAX_RESOURCES {
            resources.insert(request.resource.into());
        } else {
            *resources = BTreeSet::from(["*".into()]);
        }
    }

    /// The traces of a call's decisions in their order, once.
    pub fn take(&self, request_id: RequestId) -> Option<Vec<Value>> {
        if !self.options.traces {
            return None;
        }
        self.pending.lock().remove(&request_id)
    }

    /// The principals whose use was recorded, and with each the least policy that allows all of it: allowed or denied, what a
    /// principal asked for is in it. `None` when use is not recorded.
    pub fn least_policies(&self) -> Option<Value> {
        self.options.usage.then(|| {
            let used = self.used.lock();
            used.iter().map(|(principal, used)| (principal.to_string(), least_policy(used))).collect()
        })
    }

    /// Forgets everything: the store was emptied.
    pub fn clear(&self) {
        self.pending.lock().clear();
        self.used.lock().clear();
    }
}

/// One statement for all actions on the same resources.
fn least_policy(used: &Used) -> Value {
    let mut by_resources: BTreeMap<&BTreeSet<Arc<str>>, Vec<&str>> = BTreeMap::new();
    for (action, resources) in used {
        by_resources.entry(resources).or_default().push(action);
    }
    let statement = |(resources, actions): (&BTreeSet<Arc<str>>, Vec<&str>)| {
        let resources: Vec<&str> = resources.iter().map(|resource| &**resource).collect();
        json!({"Effect": "Allow", "Action": actions, "Resource": resources})
    };
    json!({"Version": "2012-10-17", "Statement": by_resources.into_iter().map(statement).collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use garrison_policy::{KeyList, Principal};
    use garrison_types::AccountId;

    use super::*;

    fn note(decisions: &Decisions, id: u8, action: &str, resource: &str) {
        let account: AccountId = "111122223333".parse().unwrap();
        let principal = Principal::user("arn:aws:iam::111122223333:user/ann", account, "AIDAEXAMPLE");
        let request = Request {
            principal: &principal,
            action,
            resource,
            resource_account: Some(account),
            keys: &KeyList(&[]),
        };
        decisions.note(RequestId::from_random([id; 16]), &PolicySet::default(), &request);
    }

    #[test]
    fn a_trace_is_fetched_once_and_by_its_call() {
        let decisions = Decisions::new(DecisionOptions { traces: true, usage: false });
        note(&decisions, 1, "kms:Decrypt", "arn:aws:kms:eu-central-1:111122223333:key/1");
        let own = RequestId::from_random([1; 16]);
        assert_eq!(decisions.take(RequestId::from_random([2; 16])), None);
        let traces = decisions.take(own).unwrap();
        assert_eq!(traces[0]["decision"], "ImplicitDeny");
        assert_eq!(traces[0]["action"], "kms:Decrypt");
        assert_eq!(decisions.take(own), None);
        assert_eq!(decisions.least_policies(), None);
    }

    #[test]
    fn the_least_policy_gathers_actions_by_their_resources() {
        let decisions = Decisions::new(DecisionOptions { traces: false, usage: true });
        for (action, resource) in
            [("kms:Encrypt", "a"), ("kms:Decrypt", "a"), ("kms:ListKeys", "*"), ("kms:Decrypt", "a")]
        {
            note(&decisions, 1, action, resource);
        }
        let expected = json!({"arn:aws:iam::111122223333:user/ann": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["kms:ListKeys"], "Resource": ["*"]},
            {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:Encrypt"], "Resource": ["a"]},
        ]}});
        assert_eq!(decisions.least_policies(), Some(expected));
        for n in 0..200 {
            note(&decisions, 1, "kms:Sign", &n.to_string());
        }
        let policies = decisions.least_policies().unwrap().to_string();
        assert!(policies.contains(r#""Action":["kms:ListKeys","kms:Sign"],"Resource":["*"]"#), "{policies}");
        decisions.clear();
        assert_eq!(decisions.least_policies(), Some(json!({})));
    }
}
