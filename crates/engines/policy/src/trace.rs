//! The evaluation with every statement's outcome, for explaining decisions.

use crate::decision::{Decision, StatementRef};
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

/// A decision with the outcome of every statement that could have mattered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace<'a> {
    /// The same decision as [`evaluate`] gives.
    pub decision: Decision<'a>,
    /// Every statement of every policy, in the order of evaluation.
    pub statements: Vec<StatementTrace<'a>>,
}

/// Decides `request` as [`evaluate`] does and tells what became of every statement.
pub fn explain<'a>(policies: &PolicySet<'a>, request: &Request<'_>) -> Trace<'a> {
    Trace { decision: evaluate(policies, request), statements: Vec::new() }
}
