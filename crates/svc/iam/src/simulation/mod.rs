//! The policy simulator: decides hypothetical requests with the engine that decides the real ones.
//!
//! Source: IAM API Reference, "SimulateCustomPolicy", "SimulatePrincipalPolicy", "EvaluationResult" and
//! "ResourceSpecificResult".

mod context;
mod policies;

use std::collections::BTreeMap;
use std::sync::Arc;

use garrison_api_iam::errors as api;
use garrison_api_iam::types;
use garrison_api_iam::types::PolicyEvaluationDecisionType as Decided;
use garrison_kernel::Context;
use garrison_policy::{
    CompiledPolicy, DocumentKind, Effect, Limits, PolicyDocument, PolicyLevel, PolicySet, Request,
    ResourcePolicy, ResourcePolicyKind, StatementRef, evaluate, explain, missing_context_keys,
    statement_positions,
};
use garrison_schema::ApiError;
use garrison_types::{AccountId, Arn};

pub(crate) use context::{ContextKeys, SimulatedCaller};
pub(crate) use policies::Policies;

use crate::paging::Paging;
use context::KeyView;

/// The most pairs of an action and a resource.
const MAX_PAIRS: usize = 100_000;
/// What stands for any resource.
const ANY: &str = "*";
/// Allows everything, for asking what only other policies decide.
const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// What a simulation is asked, beside its policies.
pub(crate) struct Asked<'a> {
    pub(crate) actions: &'a [String],
    pub(crate) resources: Option<&'a [String]>,
    pub(crate) resource_policy: Option<&'a str>,
    pub(crate) resource_owner: Option<&'a str>,
    pub(crate) resource_handling: Option<&'a str>,
    pub(crate) max_items: Option<i32>,
    pub(crate) marker: Option<&'a str>,
}

/// A simulation.
pub(crate) struct Simulation {
    pub(crate) policies: Policies,
    pub(crate) identity: Vec<Arc<CompiledPolicy>>,
    pub(crate) boundary: Option<Arc<CompiledPolicy>>,
    pub(crate) service_control: Vec<PolicyLevel>,
    pub(crate) resource_control: Vec<PolicyLevel>,
    pub(crate) caller: SimulatedCaller,
    pub(crate) keys: ContextKeys,
}

impl Simulation {
    /// One with the policies that a caller passed, and no others.
    ///
    /// # Errors
    /// `InvalidInput`.
    pub(crate) fn new(
        cx: &Context,
        identity: &[String],
        boundary: Option<&[String]>,
        entries: Option<&[types::ContextEntry]>,
    ) -> Result<Self, ApiError> {
        let mut policies = Policies::default();
        let identity = policies.add_list("PolicyInputList", identity, DocumentKind::Identity)?;
        let boundaries = policies.add_list(
            "PermissionsBoundaryPolicyInputList",
            boundary.unwrap_or_default(),
            DocumentKind::Identity,
        )?;
        if boundaries.len() > 1 {
            return Err(api::invalid_input_exception("There can be only one permissions boundary."));
        }
        let keys = ContextKeys::read(entries.unwrap_or_default())?;
        Ok(Self {
            policies,
            identity,
            boundary: boundaries.into_iter().next(),
            service_control: Vec::new(),
            resource_control: Vec::new(),
            caller: SimulatedCaller::of_keys(cx.account(), &keys),
            keys,
        })
    }

    /// Adds levels of service control policies that a caller passed, from the root down.
    ///
    /// # Errors
    /// `InvalidInput`.
    pub(crate) fn add_organization(
        &mut self,
        levels: &[types::OrderedOrganizationPolicyType],
    ) -> Result<(), ApiError> {
        for (at, level) in (1..).zip(levels) {
            let list = format!("OrderedOrganizationPolicyInputList.{at}.ServiceControlPolicyInputList");
            let texts = level.service_control_policy_input_list.as_deref().unwrap_or_default();
            let added = self.policies.add_list(&list, texts, DocumentKind::ServiceControl)?;
            self.service_control.push(added.into());
        }
        Ok(())
    }

    /// Simulates a page of the pairs of actions and resources; with a resource handling option each action on all
    /// resources together.
    ///
    /// # Errors
    /// `InvalidInput`.
    pub(crate) fn run(mut self, asked: &Asked<'_>) -> Result<types::SimulatePolicyResponse, ApiError> {
        let any = [ANY.to_owned()];
        let resources = asked.resources.filter(|given| !given.is_empty()).unwrap_or(&any);
        check(asked.actions, resources)?;
        let resource_policy = self.resource_policy(asked)?;
        let owner = asked.resource_owner.map(owner).transpose()?;
        let paging = Paging::new(asked.max_items, asked.marker)?;
        let view = self.keys.view();
        let run = Run { simulation: &self, view: &view, resource_policy, owner };
        let page = match asked.resource_handling {
            Some(option) => {
                check_handling(option, resources)?;
                let page = paging.page_in_order(asked.actions);
                map(page, |action| run.together(action, resources))
            }
            None => {
                let pairs =
                    asked.actions.iter().flat_map(|action| resources.iter().map(move |on| (action, on)));
                map(paging.page_in_order(pairs), |(action, resource)| run.one(action, resource))
            }
        };
        Ok(types::SimulatePolicyResponse {
            is_truncated: page.is_truncated(),
            evaluation_results: Some(page.items),
            marker: page.marker,
        })
    }

    /// The resource's policy, which needs somebody who asks.
    fn resource_policy(&mut self, asked: &Asked<'_>) -> Result<Option<Arc<CompiledPolicy>>, ApiError> {
        let Some(text) = asked.resource_policy else { return Ok(None) };
        if self.caller.arn.is_empty() {
            return Err(api::invalid_input_exception(
                "CallerArn is required when a resource policy is specified and the policy source is not a user.",
            ));
        }
        let (id, source) = ("ResourcePolicy".to_owned(), types::PolicySourceType::Resource);
        self.policies.add(id, source, text.to_owned(), DocumentKind::Resource).map(Some)
    }
}

fn map<T, U>(page: crate::paging::Page<T>, each: impl Fn(T) -> U) -> crate::paging::Page<U> {
    crate::paging::Page { items: page.items.into_iter().map(each).collect(), marker: page.marker }
}

/// Actions have a service and a name without wildcards; resources are ARNs or `*`.
fn check(actions: &[String], resources: &[String]) -> Result<(), ApiError> {
    let is_action = |action: &String| {
        action.split_once(':').is_some_and(|(service, name)| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            !service.is_empty() && !name.is_empty() && service.chars().chain(name.chars()).all(plain)
        })
    };
    if let Some(bad) = actions.iter().find(|action| !is_action(action)) {
        return Err(api::invalid_input_exception(format!("Invalid Action Name: {bad}")));
    }
    if let Some(bad) = resources.iter().find(|on| *on != ANY && on.parse::<Arn>().is_err()) {
        return Err(api::invalid_input_exception(format!("Invalid Resource Arn: {bad}")));
    }
    if actions.is_empty() || actions.len().saturating_mul(resources.len()) > MAX_PAIRS {
        return Err(api::invalid_input_exception("There are no actions, or too many actions and resources."));
    }
    Ok(())
}

/// The account that owns resources whose ARNs name none: its id or an ARN of it.
fn owner(text: &str) -> Result<AccountId, ApiError> {
    let account = text.parse::<Arn>().ok().and_then(|arn| arn.account().parse().ok());
    let account = account.or_else(|| text.parse().ok());
    account.ok_or_else(|| api::invalid_input_exception(format!("Invalid Resource Owner: {text}")))
}

/// Whether the resources are those that a scenario of EC2 needs.
fn check_handling(option: &str, resources: &[String]) -> Result<(), ApiError> {
    const VPC: [&str; 4] = ["instance", "image", "security-group", "network-interface"];
    let needed: &[&str] = match option {
        "EC2-Classic-InstanceStore" => &["instance", "image", "security-group"],
        "EC2-Classic-EBS" => &["instance", "image", "security-group", "volume"],
        "EC2-VPC-InstanceStore" => &VPC,
        "EC2-VPC-InstanceStore-Subnet" => &[VPC[0], VPC[1], VPC[2], VPC[3], "subnet"],
        "EC2-VPC-EBS" => &[VPC[0], VPC[1], VPC[2], VPC[3], "volume"],
        "EC2-VPC-EBS-Subnet" => &[VPC[0], VPC[1], VPC[2], VPC[3], "volume", "subnet"],
        _ => return Err(api::invalid_input_exception(format!("Invalid Resource Handling Option: {option}"))),
    };
    let has = |kind: &str| {
        resources.iter().filter_map(|on| on.parse::<Arn>().ok()).any(|arn| arn.resource_id(kind).is_some())
    };
    match needed.iter().find(|kind| !has(kind)) {
        Some(kind) => {
            Err(api::invalid_input_exception(format!("{option} needs a resource of the type {kind}.")))
        }
        None => Ok(()),
    }
}

/// A simulation under way.
struct Run<'a> {
    simulation: &'a Simulation,
    view: &'a KeyView<'a>,
    resource_policy: Option<Arc<CompiledPolicy>>,
    owner: Option<AccountId>,
}

/// What became of one action on one resource.
struct Outcome {
    decided: Decided,
    matched: Vec<types::Statement>,
    missing: Vec<String>,
    by_organization: Option<bool>,
    by_boundary: Option<bool>,
    details: Option<BTreeMap<String, Decided>>,
}

impl Run<'_> {
    /// One action on one resource. What is particular to the resource stands in a result of its own.
    fn one(&self, action: &str, resource: &str) -> types::EvaluationResult {
        let outcome = self.decide(action, resource);
        let mut result = types::EvaluationResult {
            eval_action_name: action.to_owned(),
            eval_resource_name: Some(resource.to_owned()),
            eval_decision: outcome.decided.clone(),
            matched_statements: Some(outcome.matched.clone()),
            missing_context_values: Some(outcome.missing.clone()),
            organizations_decision_detail: outcome.organizations(),
            permissions_boundary_decision_detail: outcome.boundary(),
            eval_decision_details: outcome.details.clone(),
            resource_specific_results: None,
        };
        if resource != ANY {
            result.missing_context_values = Some(Vec::new());
            result.resource_specific_results = Some(vec![outcome.specific(resource)]);
        }
        result
    }

    /// One action that needs all the resources at once: what the least of them allows.
    fn together(&self, action: &str, resources: &[String]) -> types::EvaluationResult {
        let outcomes: Vec<_> = resources.iter().map(|on| (on, self.decide(action, on))).collect();
        let rank = |decided: &Decided| match decided {
            Decided::ExplicitDeny => 0,
            Decided::Allowed => 2,
            _ => 1,
        };
        let least =
            outcomes.iter().min_by_key(|(_, outcome)| rank(&outcome.decided)).map(|(_, outcome)| outcome);
        types::EvaluationResult {
            eval_action_name: action.to_owned(),
            eval_resource_name: Some(ANY.to_owned()),
            eval_decision: least.map_or(Decided::ImplicitDeny, |outcome| outcome.decided.clone()),
            matched_statements: Some(least.map(|outcome| outcome.matched.clone()).unwrap_or_default()),
            missing_context_values: Some(Vec::new()),
            organizations_decision_detail: least.and_then(Outcome::organizations),
            permissions_boundary_decision_detail: least.and_then(Outcome::boundary),
            eval_decision_details: None,
            resource_specific_results: Some(
                outcomes.iter().map(|(on, outcome)| outcome.specific(on)).collect(),
            ),
        }
    }

    fn decide(&self, action: &str, resource: &str) -> Outcome {
        let simulation = self.simulation;
        let principal = simulation.caller.engine();
        let named = resource.parse::<Arn>().ok().and_then(|arn| arn.account().parse().ok());
        let account = if resource == ANY { None } else { named.or(self.owner) };
        let request = Request {
            principal: &principal,
            action,
            resource,
            resource_account: Some(account.unwrap_or(simulation.caller.account)),
            keys: self.view,
        };
        let kind = resource_policy_kind(action);
        let resource_policy = self.resource_policy.as_deref().map(|policy| ResourcePolicy { policy, kind });
        let set = PolicySet {
            identity: &simulation.identity,
            boundary: simulation.boundary.as_deref(),
            resource: resource_policy,
            service_control: &simulation.service_control,
            resource_control: &simulation.resource_control,
            ..PolicySet::default()
        };
        let trace = explain(&set, &request);
        let documents = simulation.policies.all.iter().map(|policy| &policy.document);
        let allow_all = allow_all();
        let all = std::slice::from_ref(&allow_all);
        let allows = |set: PolicySet<'_>| evaluate(&set, &request).is_allowed();
        let levels = &simulation.service_control;
        let by_organization = (!levels.is_empty())
            .then(|| allows(PolicySet { identity: all, service_control: levels, ..PolicySet::default() }));
        let boundary = simulation.boundary.as_ref().map(std::slice::from_ref);
        Outcome {
            decided: decided(trace.decision.effect),
            matched: trace.matched().filter_map(|statement| self.statement(statement)).collect(),
            missing: missing_context_keys(documents, &request),
            by_organization,
            by_boundary: boundary.map(|identity| allows(PolicySet { identity, ..PolicySet::default() })),
            details: match (resource, by_organization) {
                (ANY, _) | (_, Some(false)) => None,
                _ => Some(self.details(&request, resource_policy, account)),
            },
        }
    }

    /// What each side of a request between accounts says; nothing within an account.
    fn details(
        &self,
        request: &Request<'_>,
        resource: Option<ResourcePolicy<'_>>,
        owner: Option<AccountId>,
    ) -> BTreeMap<String, Decided> {
        let simulation = self.simulation;
        if owner.is_none_or(|owner| owner == simulation.caller.account) {
            return BTreeMap::new();
        }
        // Asked within one account, each side decides alone.
        let alone = Request { resource_account: Some(simulation.caller.account), ..*request };
        let side = |set: PolicySet<'_>| decided(evaluate(&set, &alone).effect);
        let identity = PolicySet { identity: &simulation.identity, ..PolicySet::default() };
        BTreeMap::from([
            ("IAM Policy".to_owned(), side(identity)),
            ("Resource Policy".to_owned(), side(PolicySet { resource, ..PolicySet::default() })),
        ])
    }

    /// A statement as the interface writes it; an organization's, which is not the caller's to see, not at all.
    fn statement(&self, found: StatementRef<'_>) -> Option<types::Statement> {
        let policy = self.simulation.policies.by_name(found.policy)?;
        let place = |position: garrison_policy::Position| types::Position {
            line: i32::try_from(position.line).ok(),
            column: i32::try_from(position.column).ok(),
        };
        let positions = statement_positions(&policy.text);
        let at = positions.get(found.statement);
        Some(types::Statement {
            source_policy_id: Some(policy.id.clone()),
            source_policy_type: Some(policy.source.clone()),
            start_position: at.map(|at| place(at.start)),
            end_position: at.map(|at| place(at.end)),
        })
    }
}

impl Outcome {
    fn organizations(&self) -> Option<types::OrganizationsDecisionDetail> {
        self.by_organization
            .map(|allowed| types::OrganizationsDecisionDetail { allowed_by_organizations: Some(allowed) })
    }

    fn boundary(&self) -> Option<types::PermissionsBoundaryDecisionDetail> {
        self.by_boundary.map(|allowed| types::PermissionsBoundaryDecisionDetail {
            allowed_by_permissions_boundary: Some(allowed),
        })
    }

    fn specific(&self, resource: &str) -> types::ResourceSpecificResult {
        types::ResourceSpecificResult {
            eval_resource_name: resource.to_owned(),
            eval_resource_decision: self.decided.clone(),
            matched_statements: Some(self.matched.clone()),
            missing_context_values: Some(self.missing.clone()),
            eval_decision_details: self.details.clone(),
            permissions_boundary_decision_detail: self.boundary(),
        }
    }
}

fn decided(effect: Effect) -> Decided {
    match effect {
        Effect::Allow => Decided::Allowed,
        Effect::ExplicitDeny => Decided::ExplicitDeny,
        Effect::ImplicitDeny => Decided::ImplicitDeny,
    }
}

/// What a resource's policy means follows from what is done to it.
fn resource_policy_kind(action: &str) -> ResourcePolicyKind {
    let action = action.to_ascii_lowercase();
    if action.starts_with("kms:") {
        ResourcePolicyKind::Key
    } else if action.starts_with("sts:") {
        ResourcePolicyKind::RoleTrust
    } else {
        ResourcePolicyKind::Standard
    }
}

fn allow_all() -> Arc<CompiledPolicy> {
    Arc::new(CompiledPolicy::from_stored("", ALLOW_ALL.as_bytes()))
}

/// The condition keys that policies which a caller passed refer to.
///
/// # Errors
/// `InvalidInput`: one is no policy.
pub(crate) fn context_keys(
    texts: &[String],
    held: &[crate::principal_source::Held],
) -> Result<Vec<String>, ApiError> {
    let mut policies = Policies::default();
    for policy in held {
        policies.add_held(policy)?;
    }
    for (at, text) in (1..).zip(texts) {
        let id = format!("PolicyInputList.{at}");
        // Policies of every kind may be asked about.
        let document = PolicyDocument::parse(text.as_bytes(), &Limits::default())
            .map_err(|error| api::invalid_input_exception(format!("Invalid policy {id}: {error}")))?;
        policies.add_document(id, types::PolicySourceType::None, text.clone(), document)?;
    }
    Ok(policies.context_keys())
}
