//! The IAM policy engine: reads policy documents, compiles them once and decides requests, with the reason.
//!
//! Layer L1: pure. No IO, no clock, no randomness; a decision allocates nothing.
//!
//! ```text
//! bytes ──PolicyDocument::parse──▶ PolicyDocument ──validate(kind)──▶ accepted by PutKeyPolicy, CreatePolicy, …
//!                                        │
//!                                        └──CompiledPolicy::new──▶ CompiledPolicy ─┐
//!                                                        Request, PolicySet ───────┴─evaluate─▶ Decision
//! ```
//!
//! Rules that hold throughout, from the IAM User Guide ("Policy evaluation logic"): everything is denied unless
//! allowed, an explicit deny overrides every allow, and a policy that cannot be understood denies.

mod compile;
mod condition;
mod context_key;
mod date;
mod decision;
mod document;
mod error;
mod evaluate;
mod index;
mod indexed;
mod json;
mod network;
mod operator;
mod organization;
mod pattern;
mod position;
mod principal;
mod request;
mod scenario;
mod trace;
mod validate;
mod value;

pub use compile::CompiledPolicy;
pub use context_key::missing_context_keys;
pub use decision::{
    Decision, Effect, PolicyKind, Reason, StatementRef, access_denied_message,
    access_denied_message_with_policy,
};
pub use document::{
    ConditionBlock, Limits, PolicyDocument, PrincipalElement, PrincipalType, Selector, Statement, Version,
};
pub use error::PolicyError;
pub use evaluate::{
    GrantRef, PolicyLevel, PolicySet, ResourcePolicy, ResourcePolicyKind, evaluate, key_policy_admits,
};
pub use indexed::IndexedPolicies;
pub use organization::rcp_applies;
pub use position::{Position, StatementPosition, statement_positions};
pub use principal::{OrganizationRef, Principal, PrincipalKind};
pub use request::Request;
pub use scenario::{ScenarioError, explain_scenarios, trace_json};
pub use trace::{ConditionTrace, Outcome, PolicyTrace, StatementTrace, Trace, explain};
pub use validate::{DocumentKind, characters_for_quota};
pub use value::{ConditionKeys, KeyList, Value, Values};
