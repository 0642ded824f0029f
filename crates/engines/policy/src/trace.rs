//! The evaluation with every statement's outcome, for explaining decisions.

use crate::compile::{Mismatch, Question};
use crate::decision::{Decision, Effect, StatementRef};
use crate::evaluate::{PolicySet, evaluate};
use crate::request::Request;

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

/// One statement and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementTrace<'a> {
    /// The statement.
    pub statement: StatementRef<'a>,
    /// Its effect: true for `Allow`.
    pub allow: bool,
    /// What became of it.
    pub outcome: Outcome,
}

/// A decision with the outcome of every statement. A policy that cannot be understood has none: the decision
/// names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace<'a> {
    /// The same decision as [`evaluate`] gives.
    pub decision: Decision<'a>,
    /// Every statement of every policy that binds the request, in the order in which denies are looked for.
    pub statements: Vec<StatementTrace<'a>>,
}

impl<'a> Trace<'a> {
    /// The statements that determine the result, as the policy simulator lists them: for an explicit deny those that
    /// deny, when allowed those that allow, otherwise none. Those of boundaries, organizations and endpoints, which
    /// allow nothing by themselves, count only where they deny.
    /// Source: IAM API Reference, "EvaluationResult", `MatchedStatements`.
    pub fn matched(&self) -> impl Iterator<Item = StatementRef<'a>> {
        let effect = self.decision.effect;
        self.statements
            .iter()
            .filter(move |entry| {
                let decides = match effect {
                    Effect::Allow => entry.allow && entry.statement.kind.grants(),
                    Effect::ExplicitDeny => !entry.allow,
                    Effect::ImplicitDeny => false,
                };
                decides && entry.outcome == Outcome::Applies
            })
            .map(|entry| entry.statement)
    }
}

/// Decides `request` as [`evaluate`] does and tells what became of every statement.
pub fn explain<'a>(policies: &PolicySet<'a>, request: &Request<'_>) -> Trace<'a> {
    let policies = &policies.binding(request);
    let question = Question::new(request);
    let mut statements = Vec::new();
    for (kind, policy) in policies.policies() {
        for (at, statement) in policy.statements().iter().enumerate() {
            let result = if statement.matches_action(&question) {
                statement.check(kind, &question).map(|_| ())
            } else {
                Err(Mismatch::Action)
            };
            let outcome = result.map_or_else(Outcome::from, |()| Outcome::Applies);
            let statement_ref = policy.statement_ref(kind, at);
            statements.push(StatementTrace { statement: statement_ref, allow: statement.allow, outcome });
        }
    }
    Trace { decision: evaluate(policies, request), statements }
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
