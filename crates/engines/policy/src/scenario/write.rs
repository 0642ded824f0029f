//! A trace as JSON.

use serde_json::{Map, Value as Json, json};

use crate::decision::{Effect, Reason, StatementRef};
use crate::trace::{ConditionTrace, Outcome, PolicyTrace, StatementTrace, Trace};

/// The trace as JSON: `decision`, `reason` and every policy with every statement.
pub fn trace_json(trace: &Trace<'_>) -> Json {
    let decision = match trace.decision.effect {
        Effect::Allow => "Allow",
        Effect::ExplicitDeny => "ExplicitDeny",
        Effect::ImplicitDeny => "ImplicitDeny",
    };
    json!({
        "decision": decision,
        "reason": reason(&trace.decision.reason),
        "policies": trace.policies.iter().map(policy).collect::<Vec<_>>(),
    })
}

fn reason(reason: &Reason<'_>) -> Json {
    match reason {
        Reason::Statement(StatementRef { kind, policy, statement, sid }) => {
            let mut object = Map::new();
            object.insert("because".to_owned(), json!("statement"));
            object.insert("kind".to_owned(), json!(kind.to_string()));
            object.insert("policy".to_owned(), json!(policy));
            object.insert("statement".to_owned(), json!(statement));
            if let Some(sid) = sid {
                object.insert("sid".to_owned(), json!(sid));
            }
            Json::Object(object)
        }
        Reason::RootUser => json!({"because": "root user"}),
        Reason::Grant(id) => json!({"because": "grant", "grant": id}),
        Reason::Missing(kind) => json!({"because": "nothing allows", "kind": kind.to_string()}),
        Reason::NotUnderstood { kind, policy } => {
            json!({"because": "not understood", "kind": kind.to_string(), "policy": policy})
        }
    }
}

fn policy(trace: &PolicyTrace<'_>) -> Json {
    let mut object = Map::new();
    object.insert("kind".to_owned(), json!(trace.kind.to_string()));
    object.insert("policy".to_owned(), json!(trace.policy));
    if let Some(level) = trace.level {
        object.insert("level".to_owned(), json!(level));
    }
    if !trace.binds {
        object.insert("binds".to_owned(), json!(false));
    }
    if let Some(error) = trace.error {
        object.insert("error".to_owned(), json!(error.to_string()));
    }
    object.insert("statements".to_owned(), trace.statements.iter().map(statement).collect());
    Json::Object(object)
}

fn statement(trace: &StatementTrace<'_>) -> Json {
    let mut object = Map::new();
    object.insert("statement".to_owned(), json!(trace.statement.statement));
    if let Some(sid) = trace.statement.sid {
        object.insert("sid".to_owned(), json!(sid));
    }
    object.insert("effect".to_owned(), json!(if trace.allow { "Allow" } else { "Deny" }));
    object.insert("applies".to_owned(), json!(trace.outcome == Outcome::Applies));
    object.insert("principal".to_owned(), json!(trace.principal));
    object.insert("action".to_owned(), json!(trace.action));
    object.insert("resource".to_owned(), json!(trace.resource));
    object.insert("conditions".to_owned(), trace.conditions.iter().map(condition).collect());
    Json::Object(object)
}

fn condition(trace: &ConditionTrace) -> Json {
    let ConditionTrace { operator, key, expected, given, holds } = trace;
    json!({"operator": operator, "key": key, "policy": expected, "request": given, "holds": holds})
}
