//! The evaluation with every statement's outcome, for explaining decisions.

use crate::compile::{CompiledPolicy, CompiledStatement, Mismatch, Question};
use crate::condition::Condition;
use crate::decision::{Decision, Effect, PolicyKind, StatementRef};
use crate::error::PolicyError;
use crate::evaluate::{PolicySet, evaluate};
use crate::request::Request;
use crate::value::Value;

/// Why a statement took part in a decision or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything matched: the statement's effect counts.
    Applies,
    /// The principal is not one of the statement's.
    PrincipalMismatch,
    /// The action is not one of the statement's.
    ActionMismatch,
    /// The resource is not one of the statement's.
    ResourceMismatch,
    /// This condition does not hold.
    ConditionMismatch {
        /// The operator as written.
        operator: String,
        /// The condition key as written.
        key: String,
    },
}

/// One condition of a statement and how it came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionTrace {
    /// The operator as written, for example `ForAnyValue:StringLike`.
    pub operator: String,
    /// The condition key as written.
    pub key: String,
    /// The policy's values as the engine read them: times in UTC, ranges with their length, keys of variables in lower
    /// case.
    pub expected: Vec<String>,
    /// The request's values as text, bytes in Base64; `None` when the request does not have the key.
    pub given: Option<Vec<String>>,
    /// Whether the condition holds.
    pub holds: bool,
}

/// One statement and what became of it: everything is looked at, also behind the first mismatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementTrace<'a> {
    /// The statement.
    pub statement: StatementRef<'a>,
    /// Its effect: true for `Allow`.
    pub allow: bool,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether its principals include the one who asks; true where a policy names none because it hangs on one.
    pub principal: bool,
    /// Whether its actions include the one asked for.
    pub action: bool,
    /// Whether its resources include the one asked for.
    pub resource: bool,
    /// Its conditions.
    pub conditions: Vec<ConditionTrace>,
}

/// One policy and what became of its statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyTrace<'a> {
    /// The policy's place.
    pub kind: PolicyKind,
    /// The policy's name.
    pub policy: &'a str,
    /// For an organization's policy its level, counted from zero at the root.
    pub level: Option<usize>,
    /// Whether it counts for this request; an organization's policy may not.
    pub binds: bool,
    /// Why it denies everything, when it cannot be understood.
    pub error: Option<&'a PolicyError>,
    /// Its statements; none of a policy that cannot be understood.
    pub statements: Vec<StatementTrace<'a>>,
}

/// A decision with the outcome of every statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace<'a> {
    /// The same decision as [`evaluate`] gives.
    pub decision: Decision<'a>,
    /// Every policy, in the order in which denies are looked for.
    pub policies: Vec<PolicyTrace<'a>>,
}

impl<'a> Trace<'a> {
    /// The statements of all policies that count.
    pub fn statements(&self) -> impl Iterator<Item = &StatementTrace<'a>> {
        self.policies.iter().filter(|policy| policy.binds).flat_map(|policy| &policy.statements)
    }

    /// The statements that determine the result, as the policy simulator lists them: for an explicit deny those that
    /// deny, when allowed those that allow, otherwise none. Those of boundaries, sessions, organizations and endpoints,
    /// which allow nothing by themselves, count only where they deny.
    /// Source: IAM API Reference, "EvaluationResult", `MatchedStatements`.
    pub fn matched(&self) -> impl Iterator<Item = StatementRef<'a>> {
        let effect = self.decision.effect;
        let decides = move |entry: &&StatementTrace<'_>| match effect {
            Effect::Allow => entry.allow && entry.statement.kind.grants(),
            Effect::ExplicitDeny => !entry.allow,
            Effect::ImplicitDeny => false,
        };
        let applies = |entry: &&StatementTrace<'_>| entry.outcome == Outcome::Applies;
        self.statements().filter(decides).filter(applies).map(|entry| entry.statement)
    }
}

/// Decides `request` as [`evaluate`] does and tells what became of every statement.
pub fn explain<'a>(policies: &PolicySet<'a>, request: &Request<'_>) -> Trace<'a> {
    let question = Question::new(request);
    let binding = policies.binding(request);
    let trace = |(kind, level, policy): (PolicyKind, Option<usize>, &'a CompiledPolicy)| PolicyTrace {
        kind,
        policy: policy.name(),
        level,
        binds: match kind {
            PolicyKind::ServiceControl => !binding.service_control.is_empty(),
            PolicyKind::ResourceControl => !binding.resource_control.is_empty(),
            _ => true,
        },
        error: policy.poison(),
        statements: (0..)
            .zip(policy.statements())
            .map(|(at, statement)| trace_statement(policy.statement_ref(kind, at), statement, &question))
            .collect(),
    };
    let levels = policies.levels();
    Trace { decision: evaluate(policies, request), policies: levels.map(trace).collect() }
}

fn trace_statement<'a>(
    reference: StatementRef<'a>,
    statement: &CompiledStatement,
    question: &Question<'_>,
) -> StatementTrace<'a> {
    let action = statement.matches_action(question);
    let result =
        if action { statement.check(reference.kind, question).map(|_| ()) } else { Err(Mismatch::Action) };
    StatementTrace {
        statement: reference,
        allow: statement.allow,
        outcome: result.map_or_else(Outcome::from, |()| Outcome::Applies),
        principal: statement.matches_principal(reference.kind, question).is_some(),
        action,
        resource: statement.matches_resource(question),
        conditions: statement
            .conditions
            .iter()
            .map(|condition| trace_condition(condition, question))
            .collect(),
    }
}

fn trace_condition(condition: &Condition, question: &Question<'_>) -> ConditionTrace {
    let text = |value: Value<'_>| match value {
        Value::Bytes(bytes) => base64_simd::STANDARD.encode_to_string(bytes),
        other => other.text().map(|text| text.as_str().to_owned()).unwrap_or_default(),
    };
    ConditionTrace {
        operator: condition.operator.to_string(),
        key: condition.key().to_owned(),
        expected: condition.expected_texts(),
        given: condition.given(question.request).map(|values| values.iter().map(text).collect()),
        holds: condition.holds(question.request),
    }
}

impl From<Mismatch<'_>> for Outcome {
    fn from(mismatch: Mismatch<'_>) -> Self {
        match mismatch {
            Mismatch::Principal => Self::PrincipalMismatch,
            Mismatch::Action => Self::ActionMismatch,
            Mismatch::Resource => Self::ResourceMismatch,
            Mismatch::Condition(condition) => Self::ConditionMismatch {
                operator: condition.operator.to_string(),
                key: condition.key().to_owned(),
            },
        }
    }
}
