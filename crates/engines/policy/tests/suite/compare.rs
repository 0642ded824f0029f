//! The engine and the naive evaluator on the same cases: those of the case files, and generated ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use garrison_policy::{
    CompiledPolicy, Decision, DocumentKind, Effect, Limits, Outcome, PolicyDocument, PolicySet,
    PrincipalKind, Reason, ResourcePolicyKind, evaluate, explain,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

use crate::cases::decision_cases;
use crate::model::{Ask, HOME, Set, Val, Who};
use crate::naive::{self, Answer};

fn answer(decision: &Decision<'_>) -> Answer {
    match (decision.effect, decision.reason) {
        (Effect::Allow, _) => Answer::Allow,
        (Effect::ExplicitDeny, _) => Answer::ExplicitDeny,
        (Effect::ImplicitDeny, Reason::Missing(kind)) => Answer::ImplicitDeny(kind.to_string().into()),
        (Effect::ImplicitDeny, other) => panic!("{other:?}"),
    }
}

#[test]
fn both_evaluators_agree_on_the_case_files() {
    let mut compared = 0;
    for (case, set, ask) in decision_cases() {
        // The naive evaluator does not read policies that cannot be understood.
        if case["reason"].as_str().unwrap().ends_with("not understood") {
            continue;
        }
        assert_eq!(set.decide(&ask, answer), naive::decide(&set, &ask), "{case}");
        compared += 1;
    }
    assert!(compared > 100, "{compared}");
}

const ACTIONS: &[&str] =
    &["kms:Decrypt", "KMS:decrypt", "kms:*", "kms:De*", "*", "s3:Get?bject", "s3:*", "k*:Decrypt"];
const ASKED_ACTIONS: &[&str] =
    &["kms:Decrypt", "kms:decrypt", "kms:Encrypt", "kms:RetireGrant", "s3:GetObject", "ec2:RunInstances"];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:kms:eu-west-1:111122223333:key/1",
    "arn:aws:kms:*:111122223333:key/*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/${aws:PrincipalTag/team, 'blue'}/?",
    "arn:aws:s3:::b/${a:k}",
    "arn:aws:kms:*",
    "arn:aws:*:*:*:*:x",
];
const ASKED_RESOURCES: &[&str] = &[
    "*",
    "arn:aws:kms:eu-west-1:111122223333:key/1",
    "arn:aws:kms:eu-west-1:111122223333:key/12",
    "arn:aws:s3:::b/ann/x",
    "arn:aws:s3:::b/blue/x",
    "arn:aws:s3:::b/x",
    "arn:aws:s3:::b:x",
];
const PRINCIPALS: &[&str] = &[
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:sts::111122223333:assumed-role/app/s1",
    "arn:aws:sts::111122223333:federated-user/fed",
    "444455556666",
    "arn:aws:iam::444455556666:user/ann",
    "AIDAANNANNANNANN",
    "AROAAPPAPPAPPAPP",
    "arn:aws:iam::111122223333:role/team/app",
    "arn:aws:iam::111122223333:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport",
];
const WHO: &[&str] = &[
    "root",
    "ann",
    "bob",
    "role",
    "session",
    "federated",
    "linked",
    "tagged",
    "saml",
    "oidc",
    "other-root",
    "other-ann",
    "other-session",
    "s3.amazonaws.com",
    "google",
    "anonymous",
];
const KEYS: &[&str] = &[
    "a:k",
    "A:K",
    "a:list",
    "aws:username",
    "aws:PrincipalArn",
    "aws:PrincipalTag/Team",
    "aws:PrincipalTag/level",
    "aws:PrincipalOrgID",
    "aws:PrincipalServiceNamesList",
];
const TEXTS: &[&str] = &[
    "",
    "x",
    "X",
    "x*",
    "?",
    "blue",
    "ann",
    "*",
    "${aws:username}",
    "${a:k}",
    "${a:no, 'x'}",
    "7",
    "true",
    "${*}",
    "é",
];
const ARNS: &[&str] =
    &["*", "arn:aws:iam::*:user/*", "arn:aws:iam::111122223333:user/ann", "arn:aws:s3:::${a:k}", "x"];
const NUMBERS: &[&str] = &["5", "7", "7.5", "-1"];
const DATES: &[&str] = &[
    "2020-01-01T00:00:00Z",
    "1577836801",
    "1999-12-31T23:59:59Z",
    "2020",
    "2020-01-01T01:00+01:00",
    "2019-12-31T19:00:01-05:00",
];
const NETWORKS: &[&str] = &["10.0.0.0/8", "10.1.2.3", "::/0", "2001:db8::/33", "0.0.0.0/0"];

fn operator_and_values() -> impl Strategy<Value = (String, Vec<String>)> {
    let family = prop_oneof![
        (
            select(
                &[
                    "StringEquals",
                    "StringNotEquals",
                    "StringEqualsIgnoreCase",
                    "StringNotEqualsIgnoreCase",
                    "StringLike",
                    "StringNotLike"
                ][..]
            ),
            Just(TEXTS)
        ),
        (select(&["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"][..]), Just(ARNS)),
        (
            select(
                &[
                    "NumericEquals",
                    "NumericNotEquals",
                    "NumericLessThan",
                    "NumericLessThanEquals",
                    "NumericGreaterThan",
                    "NumericGreaterThanEquals"
                ][..]
            ),
            Just(NUMBERS)
        ),
        (
            select(
                &[
                    "DateEquals",
                    "DateNotEquals",
                    "DateLessThan",
                    "DateLessThanEquals",
                    "DateGreaterThan",
                    "DateGreaterThanEquals"
                ][..]
            ),
            Just(DATES)
        ),
        (select(&["IpAddress", "NotIpAddress"][..]), Just(NETWORKS)),
        (Just("Bool"), Just(&["true", "false", "False"][..])),
        (Just("BinaryEquals"), Just(&["eA==", "AAEC"][..])),
    ];
    let qualified =
        (select(&["", "", "ForAllValues:", "ForAnyValue:"][..]), family, select(&["", "", "IfExists"][..]))
            .prop_flat_map(|(prefix, (base, values), suffix)| {
                let values = vec(select(values), 0..3);
                (Just(format!("{prefix}{base}{suffix}")), values)
            });
    let null = (Just("Null".to_owned()), vec(select(&["true", "false"][..]), 1..2));
    prop_oneof![12 => qualified, 1 => null]
        .prop_map(|(name, values)| (name, values.into_iter().map(str::to_owned).collect()))
}

fn conditions() -> impl Strategy<Value = Option<Value>> {
    let one = (operator_and_values(), select(KEYS));
    vec(one, 0..3).prop_map(|list| {
        let mut operators = Map::new();
        for ((operator, values), key) in list {
            let keys = operators.entry(operator).or_insert_with(|| json!({}));
            keys[key] = json!(values);
        }
        (!operators.is_empty()).then_some(Value::Object(operators))
    })
}

fn principal_element() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(json!("*")),
        5 => subsequence(PRINCIPALS, 1..4).prop_map(|list| json!({"AWS": list})),
        1 => Just(json!({"Service": "s3.amazonaws.com"})),
        1 => Just(json!({"Federated": "accounts.google.com", "AWS": "111122223333"})),
        1 => Just(json!({"Federated": ["arn:aws:iam::111122223333:saml-provider/adfs"]})),
    ]
}

fn statement(with_principal: bool) -> impl Strategy<Value = Value> {
    (
        prop::bool::weighted(0.8),
        prop::bool::weighted(0.15),
        subsequence(ACTIONS, 1..3),
        prop::bool::weighted(0.15),
        subsequence(RESOURCES, 1..3),
        conditions(),
        prop::bool::weighted(0.2),
        principal_element(),
    )
        .prop_map(
            move |(
                allow,
                not_action,
                actions,
                not_resource,
                resources,
                conditions,
                not_principal,
                principal,
            )| {
                let mut statement = json!({"Effect": if allow { "Allow" } else { "Deny" }});
                statement[if not_action { "NotAction" } else { "Action" }] = json!(actions);
                statement[if not_resource { "NotResource" } else { "Resource" }] = json!(resources);
                if with_principal {
                    statement[if not_principal { "NotPrincipal" } else { "Principal" }] = principal;
                }
                if let Some(conditions) = conditions {
                    statement["Condition"] = conditions;
                }
                statement
            },
        )
}

fn policy(with_principal: bool) -> impl Strategy<Value = Value> {
    (prop::bool::weighted(0.85), vec(statement(with_principal), 1..4)).prop_map(|(new, statements)| {
        json!({"Version": if new { "2012-10-17" } else { "2008-10-17" }, "Statement": statements})
    })
}

fn policies() -> impl Strategy<Value = Vec<Value>> {
    vec(policy(false), 0..3)
}

fn levels(with_principal: bool) -> impl Strategy<Value = Vec<Vec<Value>>> {
    let full = json!({"Version": "2012-10-17", "Statement":
        [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]});
    let level = prop_oneof![3 => Just(vec![full]), 1 => vec(policy(with_principal), 0..3)];
    prop_oneof![3 => Just(Vec::new()), 1 => vec(level, 1..3)]
}

fn set() -> impl Strategy<Value = Set> {
    let kinds = &[ResourcePolicyKind::Standard, ResourcePolicyKind::Key, ResourcePolicyKind::RoleTrust][..];
    let rarely = |with_principal| prop::option::weighted(0.25, policy(with_principal));
    (
        policies(),
        policies(),
        rarely(false),
        prop_oneof![3 => Just(Vec::new()), 1 => policies()],
        prop::option::weighted(0.7, (select(kinds), policy(true))),
        levels(false),
        levels(true),
        rarely(true),
        prop::option::weighted(0.1, select(PRINCIPALS)),
    )
        .prop_map(|(identity, indexed, boundary, session, resource, scp, rcp, endpoint, grantee)| Set {
            identity,
            indexed,
            boundary,
            session,
            resource,
            scp,
            rcp,
            endpoint,
            grant: grantee.map(|grantee| ("g".to_owned(), grantee.to_owned())),
        })
}

fn value() -> impl Strategy<Value = Val> {
    prop_oneof![
        4 => select(&["", "x", "X", "blue", "ann", "7", "true", "a*", "x*", "é", "10.1.2.3", "::ffff:10.1.2.3", "2020-01-01", "arn:aws:iam::111122223333:user/ann", "arn:aws:s3:::x"][..])
            .prop_map(|text| Val::Str(text.to_owned())),
        1 => select(&[5_i64, 7, -1, 1_577_836_800][..]).prop_map(Val::Int),
        1 => any::<bool>().prop_map(Val::Bool),
        1 => select(&[1_577_836_800_000_i64, 1_577_836_801_000, 0][..]).prop_map(Val::Millis),
        1 => select(&["10.1.2.3", "11.0.0.1", "2001:db8::1", "2001:db8:8000::"][..]).prop_map(|ip| Val::Ip(ip.parse().unwrap())),
        1 => select(&["x", "\u{0}\u{1}\u{2}"][..]).prop_map(|text| Val::Bytes(text.into())),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    let key = (
        select(&["a:k", "a:list", "aws:PrincipalTag/team"][..]),
        prop_oneof![3 => vec(value(), 1..2), 1 => vec(value(), 0..3)],
    );
    (
        select(WHO),
        select(ASKED_ACTIONS),
        select(ASKED_RESOURCES),
        select(&[Some(HOME), Some(HOME), Some("444455556666"), None][..]),
        vec(key, 0..3),
    )
        .prop_map(|(who, action, resource, owner, context)| Ask {
            who: Who::named(who),
            action: action.to_owned(),
            resource: resource.to_owned(),
            owner: owner.map(str::to_owned),
            context: context.into_iter().map(|(key, values)| (key.to_owned(), values)).collect(),
        })
}

// Some thousand cases; the variable PROPTEST_CASES asks for more.
proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(1_500), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_evaluators_agree_on_generated_cases(set in set(), asks in vec(ask(), 8)) {
        for ask in &asks {
            let engine = set.decide(ask, answer);
            prop_assert_eq!(engine, naive::decide(&set, ask), "{:?}", ask);
        }
    }

    #[test]
    fn both_evaluators_agree_on_one_condition(blocks in conditions(), asks in vec(ask(), 16)) {
        let mut statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        if let Some(blocks) = blocks {
            statement["Condition"] = blocks;
        }
        let set = Set::identity(json!({"Version": "2012-10-17", "Statement": statement}));
        for ask in &asks {
            prop_assert_eq!(set.decide(ask, answer), naive::decide(&set, ask), "{:?}", ask);
        }
    }

    /// The index must find exactly what a search through all statements finds.
    #[test]
    fn the_index_finds_what_a_full_search_finds(policies in vec(policy(false), 1..4), asks in vec(ask(), 8)) {
        let mut identity = policies;
        let indexed = identity.split_off(identity.len() / 2);
        let set = Set { identity, indexed, ..Set::default() };
        for ask in &asks {
            let (effect, denied, allowed) = set.with(|policies| ask.with(|request| {
                let trace = explain(policies, request);
                let applies = |allow| {
                    trace.statements().any(|entry| entry.allow == allow && entry.outcome == Outcome::Applies)
                };
                (trace.decision.effect, applies(false), applies(true))
            }));
            let root = ask.who.kind == PrincipalKind::Root;
            prop_assert_eq!(effect == Effect::ExplicitDeny, denied);
            if ask.owner.is_none() && ask.who.account.is_some() && ask.who.kind != PrincipalKind::FederatedUser {
                prop_assert_eq!(effect == Effect::Allow, !denied && (allowed || root), "{:?}", ask);
            }
        }
    }

    /// A damaged document is refused or means something, but never panics; one that is refused denies.
    #[test]
    fn damaged_documents_never_panic(policy in policy(true), cut in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = policy.to_string().into_bytes();
        let at = cut.index(bytes.len());
        bytes[at] = byte;
        let parsed = PolicyDocument::parse(&bytes, &Limits::default());
        let compiled = CompiledPolicy::from_stored("damaged", &bytes);
        match parsed {
            Err(error) => prop_assert_eq!(compiled.poison(), Some(&error)),
            Ok(document) => prop_assert!(document.validate(DocumentKind::Key).is_err() || compiled.poison().is_none()),
        }
        let identity = [Arc::new(compiled)];
        let set = PolicySet { identity: &identity, ..PolicySet::default() };
        let effect = Ask::plain(Vec::new()).with(|request| evaluate(&set, request).effect);
        prop_assert!(identity[0].poison().is_none() || effect == Effect::ExplicitDeny);
    }
}

/// As many generated cases as the variable `GARRISON_POLICY_CASES` says (default 100,000), from the seed
/// `GARRISON_POLICY_SEED` (default 1), on two threads: `cargo nextest run -p garrison-policy --run-ignored only
/// very_many --no-capture`.
#[test]
#[ignore = "takes minutes to hours"]
fn both_evaluators_agree_on_very_many_cases() {
    let (cases, seed) = (number("GARRISON_POLICY_CASES", 100_000), number("GARRISON_POLICY_SEED", 1));
    let counts = std::thread::scope(|scope| {
        let halves = [0, 1].map(|half| scope.spawn(move || long_run(cases / 2, 2 * seed + half)));
        halves.map(|half| half.join().unwrap())
    });
    let mut total = BTreeMap::<String, u64>::new();
    counts.into_iter().flatten().for_each(|(answer, count)| *total.entry(answer).or_default() += count);
    let decided = total.values().sum::<u64>();
    println!("{decided} cases, seed {seed}, no difference: {total:#?}");
    assert!(decided >= cases / 2 * 2);
}

#[expect(clippy::disallowed_methods, reason = "a test that is started by hand, with its size as a variable")]
fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// Compares on at least `cases` cases and counts the answers.
fn long_run(cases: u64, seed: u64) -> BTreeMap<String, u64> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    let (sets, asks) = (set(), vec(ask(), 32));
    let mut counts = BTreeMap::new();
    let mut compared = 0;
    while compared < cases {
        let set = sets.new_tree(&mut runner).unwrap().current();
        let asks = asks.new_tree(&mut runner).unwrap().current();
        compared += u64::try_from(asks.len()).unwrap();
        set.with(|policies| {
            for ask in &asks {
                let engine = ask.with(|request| answer(&evaluate(policies, request)));
                assert_eq!(engine, naive::decide(&set, ask), "seed {seed}, {ask:?}, {set:?}");
                *counts.entry(format!("{engine:?}")).or_default() += 1;
            }
        });
    }
    counts
}
