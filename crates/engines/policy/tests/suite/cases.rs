//! Runs the case files in `testdata`. Every group or case there names the page of AWS's documentation it is from.

use garrison_policy::{
    DocumentKind, Effect, PrincipalKind, Reason, ResourcePolicyKind, access_denied_message, explain,
    key_policy_admits,
};
use serde_json::{Value, json};

use crate::model::{Ask, HOME, Set, Val, Who, compile, parse, read_values};

fn load(name: &str) -> Value {
    let path = format!("{}/testdata/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The groups of a file; each must name its page.
fn groups(file: &Value) -> impl Iterator<Item = &Value> {
    list(&file["groups"]).iter().inspect(|group| assert!(group["page"].is_string(), "a group without a page"))
}

/// Whether an allow statement with this condition applies to a request with these keys.
fn condition_holds(
    version: &str,
    operator: &str,
    key: &str,
    values: &Value,
    context: Vec<(String, Vec<Val>)>,
) -> bool {
    let policy = json!({"Version": version, "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {operator: {key: values}}}});
    assert_eq!(
        parse(&policy).and_then(|document| document.validate(DocumentKind::Identity)),
        Ok(()),
        "{policy}"
    );
    Set::identity(policy).decide(&Ask::plain(context), |decision| decision.is_allowed())
}

#[test]
fn every_operator_treats_presence_absence_and_sets_as_documented() {
    let file = load("operators");
    let mut cases = 0;
    for operator in list(&file["operators"]) {
        let (name, negated) = (operator["name"].as_str().unwrap(), operator["negated"].as_bool().unwrap());
        for rule in list(&file["rules"]) {
            assert!(rule["page"].is_string());
            let full = format!(
                "{}{name}{}",
                rule["prefix"].as_str().unwrap_or(""),
                rule["suffix"].as_str().unwrap_or("")
            );
            let values: Option<Vec<Val>> = rule["values"].as_array().map(|picks| {
                picks.iter().flat_map(|pick| read_values(&operator[pick.as_str().unwrap()])).collect()
            });
            let expected = rule["holds"].as_bool().unwrap_or(negated);
            let context = values.into_iter().map(|values| ("test:Key".to_owned(), values)).collect();
            let holds = condition_holds("2012-10-17", &full, "test:Key", &operator["policy"], context);
            assert_eq!(holds, expected, "{full}: {rule} with {operator}");
            cases += 1;
        }
    }
    assert!(cases >= 250, "only {cases} cases");
}

#[test]
fn conditions_hold_as_documented() {
    for group in groups(&load("conditions")) {
        let version = group["version"].as_str().unwrap_or("2012-10-17");
        for row in list(&group["rows"]) {
            let [operator, key, values, context, expected] = list(row) else { panic!("{row}") };
            let context = Ask::read_context(context);
            let holds =
                condition_holds(version, operator.as_str().unwrap(), key.as_str().unwrap(), values, context);
            assert_eq!(holds, expected.as_bool().unwrap(), "{row}");
        }
    }
}

#[test]
fn actions_and_resources_match_as_documented() {
    for group in groups(&load("matching")) {
        let element = group["element"].as_str().unwrap();
        let version = group["version"].as_str().unwrap_or("2012-10-17");
        for row in list(&group["rows"]) {
            let [pattern, given, expected] = list(row) else { panic!("{row}") };
            let mut statement = json!({"Effect": "Allow"});
            let mut ask = Ask::plain(Ask::read_context(&group["context"]));
            match element {
                "Action" | "NotAction" => {
                    statement["Resource"] = json!("*");
                    ask.action = given.as_str().unwrap().to_owned();
                }
                _ => {
                    statement["Action"] = json!("*");
                    ask.resource = given.as_str().unwrap().to_owned();
                }
            }
            statement[element] = pattern.clone();
            let policy = json!({"Version": version, "Statement": [statement]});
            assert!(parse(&policy).is_ok(), "{policy}");
            let matches = Set::identity(policy).decide(&ask, |decision| decision.is_allowed());
            assert_eq!(matches, expected.as_bool().unwrap(), "{element} {row}");
        }
    }
}

/// Each row: the principal element, who asks, and whether an allow, and a deny, with it applies.
#[test]
fn principals_are_named_as_documented() {
    for group in groups(&load("principals")) {
        let element = group["element"].as_str().unwrap();
        for row in list(&group["rows"]) {
            let [principal, who, allows, denies] = list(row) else { panic!("{row}") };
            let mut ask = Ask::plain(Vec::new());
            ask.who = Who::named(who.as_str().unwrap());
            ask.owner = Some(HOME.to_owned());
            let policy = |effect: &str| {
                json!({"Version": "2012-10-17", "Statement":
                    [{"Effect": effect, element: principal, "Action": "*", "Resource": "*"}]})
            };
            // As a key policy without any identity-based policy, so that only the principal itself counts.
            let set = Set { resource: Some((ResourcePolicyKind::Key, policy("Allow"))), ..Set::default() };
            assert_eq!(
                set.decide(&ask, |d| d.is_allowed()),
                allows.as_bool().unwrap(),
                "allow {element} {row}"
            );
            let set = Set { resource: Some((ResourcePolicyKind::Key, policy("Deny"))), ..Set::default() };
            let denied = set.decide(&ask, |decision| decision.effect == Effect::ExplicitDeny);
            assert_eq!(denied, denies.as_bool().unwrap(), "deny {element} {row}");
        }
    }
}

/// A policy of a case: written out, or the name of one of the file's `policies`.
fn policy(file: &Value, json: &Value) -> Value {
    match json.as_str().and_then(|name| file["policies"].get(name)) {
        Some(named) => named.clone(),
        None => json.clone(),
    }
}

/// The policies and the request of a case of decisions.
pub(crate) fn read_case(file: &Value, case: &Value) -> (Set, Ask) {
    let all = |json: &Value| -> Vec<Value> { list(json).iter().map(|json| policy(file, json)).collect() };
    let one = |name: &str| case.get(name).map(|json| policy(file, json));
    let levels = |json: &Value| -> Vec<Vec<Value>> { list(json).iter().map(all).collect() };
    let resource = [
        ("resource_policy", ResourcePolicyKind::Standard),
        ("key_policy", ResourcePolicyKind::Key),
        ("trust_policy", ResourcePolicyKind::RoleTrust),
    ]
    .into_iter()
    .find_map(|(name, kind)| one(name).map(|policy| (kind, policy)));
    let text = |json: &Value| json.as_str().unwrap().to_owned();
    let set = Set {
        identity: all(&case["identity"]),
        indexed: all(&case["indexed"]),
        boundary: one("boundary"),
        session: all(&case["session"]),
        resource,
        scp: levels(&case["scp"]),
        rcp: levels(&case["rcp"]),
        endpoint: one("endpoint"),
        grant: case.get("grant").map(|grant| (text(&grant["id"]), text(&grant["grantee"]))),
    };
    let default = &file["defaults"];
    let field = |name: &str| case.get(name).unwrap_or(&default[name]);
    let ask = Ask {
        who: Who::named(field("who").as_str().unwrap()),
        action: text(field("action")),
        resource: text(field("resource")),
        owner: field("owner").as_str().map(str::to_owned),
        context: Ask::read_context(&case["context"]),
    };
    (set, ask)
}

/// Every case of the files of decisions with its policies and request.
pub(crate) fn decision_cases() -> Vec<(Value, Set, Ask)> {
    let files = ["decisions", "organizations", "services", "sessions"].map(load);
    let cases = files.iter().flat_map(|file| list(&file["cases"]).iter().map(move |case| (file, case)));
    cases
        .map(|(file, case)| {
            let (set, ask) = read_case(file, case);
            (case.clone(), set, ask)
        })
        .collect()
}

/// The reason as the case files write it: `key#0` for a statement of a policy, `grant ID`, `root user`, or AWS's
/// words.
fn reason(decision: &garrison_policy::Decision<'_>, action: &str) -> String {
    match decision.reason {
        Reason::Statement(statement) => format!("{}#{}", statement.policy, statement.statement),
        Reason::RootUser => "root user".to_owned(),
        Reason::Grant(id) => format!("grant {id}"),
        Reason::Missing(_) => decision.because_text(action),
        Reason::NotUnderstood { policy, .. } => format!("{policy} not understood"),
    }
}

#[test]
fn decisions_and_their_reasons_are_as_documented() {
    for (case, set, ask) in decision_cases() {
        assert!(case["page"].is_string(), "{case}");
        set.decide(&ask, |decision| {
            assert_eq!(
                format!("{:?}", decision.effect),
                case["effect"].as_str().unwrap(),
                "{case}\n{decision:?}"
            );
            assert_eq!(
                reason(decision, &ask.action),
                case["reason"].as_str().unwrap(),
                "{case}\n{decision:?}"
            );
            if let Some(because) = case["because"].as_str() {
                assert_eq!(decision.because_text(&ask.action), because, "{case}");
            }
            if let Some(message) = case["message"].as_str() {
                let resource = (ask.resource != "*").then_some(ask.resource.as_str());
                assert_eq!(
                    access_denied_message(&ask.who.arn, &ask.action, resource, decision),
                    message,
                    "{case}"
                );
            }
        });
    }
}

#[test]
fn a_trace_tells_every_statement_and_the_same_decision() {
    for (case, set, ask) in decision_cases() {
        set.with(|policies| {
            ask.with(|request| {
                let trace = explain(policies, request);
                assert_eq!(trace.decision, garrison_policy::evaluate(policies, request), "{case}");
                // The statement that decided is one that applies.
                if let Reason::Statement(decisive) = trace.decision.reason {
                    let entry = trace.statements().find(|entry| entry.statement == decisive).unwrap();
                    assert_eq!(entry.outcome, garrison_policy::Outcome::Applies, "{case}");
                    assert_eq!(entry.allow, trace.decision.is_allowed(), "{case}");
                }
                if let Some(expected) = case.get("trace") {
                    let outcomes = trace.statements().map(|entry| format!("{:?}", entry.outcome));
                    assert_eq!(json!(outcomes.collect::<Vec<_>>()), *expected, "{case}");
                }
            });
        });
    }
}

#[test]
fn documents_are_accepted_or_refused_as_documented() {
    for group in groups(&load("documents")) {
        for row in list(&group["rows"]) {
            let [kind, text, expected] = list(row) else { panic!("{row}") };
            let kind = match kind.as_str().unwrap() {
                "Identity" => DocumentKind::Identity,
                "Resource" => DocumentKind::Resource,
                "Key" => DocumentKind::Key,
                "RoleTrust" => DocumentKind::RoleTrust,
                "ServiceControl" => DocumentKind::ServiceControl,
                "ResourceControl" => DocumentKind::ResourceControl,
                "Endpoint" => DocumentKind::Endpoint,
                other => panic!("{other}"),
            };
            let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
            let result =
                garrison_policy::PolicyDocument::parse(text.as_bytes(), &garrison_policy::Limits::default())
                    .and_then(|document| document.validate(kind));
            let message = result.err().map_or_else(|| "ok".to_owned(), |error| error.to_string());
            assert_eq!(message, expected.as_str().unwrap(), "{row}");
        }
    }
}

#[test]
fn limits_bound_what_is_read() {
    use garrison_policy::{Limits, PolicyDocument, PolicyError};
    let limits = Limits { bytes: 300, depth: 8, statements: 2, values: 5 };
    let statement = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    let policy = |statements: &str| format!(r#"{{"Statement":[{statements}]}}"#);
    let read = |text: &str| PolicyDocument::parse(text.as_bytes(), &limits);
    assert!(read(&policy(&[statement; 2].join(","))).is_ok());
    assert_eq!(
        read(&policy(&[statement; 3].join(","))),
        Err(PolicyError::TooMany { what: "statements", limit: 2 })
    );
    let values = r#"{"Effect":"Allow","Action":["a:b","a:c","a:d"],"Resource":["*","*","*"]}"#;
    assert_eq!(read(&policy(values)), Err(PolicyError::TooMany { what: "values", limit: 5 }));
    assert_eq!(read(&" ".repeat(301)), Err(PolicyError::TooLarge { limit: 300 }));
    let deep = format!(r#"{{"Statement":{}{}}}"#, "[".repeat(9), "]".repeat(9));
    assert!(matches!(read(&deep), Err(PolicyError::Syntax { .. })));
    let very_deep = "[".repeat(100_000);
    assert!(PolicyDocument::parse(very_deep.as_bytes(), &Limits::default()).is_err());
}

/// The lockout safety check: the new policy must let the caller change it again.
#[test]
fn a_key_policy_admits_whoever_may_change_it() {
    let policy = |principal: &str, effect: &str, action: &str| {
        json!({"Version": "2012-10-17", "Statement":
            [{"Effect": effect, "Principal": {"AWS": principal}, "Action": action, "Resource": "*"}]})
    };
    let ann = "arn:aws:iam::111122223333:user/ann";
    for (who, policy, expected) in [
        ("ann", policy(ann, "Allow", "kms:PutKeyPolicy"), true),
        ("ann", policy("111122223333", "Allow", "kms:*"), true),
        ("ann", policy("444455556666", "Allow", "kms:*"), false),
        ("ann", policy(ann, "Allow", "kms:GetKeyPolicy"), false),
        ("ann", policy(ann, "Deny", "kms:*"), false),
        ("root", policy("111122223333", "Allow", "kms:*"), true),
        ("root", policy(ann, "Allow", "kms:*"), false),
        ("session", policy("arn:aws:iam::111122223333:role/app", "Allow", "kms:Put*"), true),
    ] {
        let mut ask = Ask::plain(Vec::new());
        ask.who = Who::named(who);
        ask.action = "kms:PutKeyPolicy".to_owned();
        ask.owner = Some(HOME.to_owned());
        let admits = ask.with(|request| key_policy_admits(&compile("key", &policy), request));
        assert_eq!(admits, expected, "{who} {policy}");
    }
    assert_eq!(Who::named("google").kind, PrincipalKind::WebIdentity);
}
