//! The engine and the naive evaluator on the same cases: those of the case files, and generated ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use garrison_policy::{
    CompiledPolicy, Decision, DocumentKind, Effect, Limits, Outcome, PolicyDocument, PolicySet,
    PrincipalKind, Reason, evaluate, explain,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use crate::cases::decision_cases;
use crate::generate::{ask, conditions, policy, set};
use crate::model::{Ask, Set};
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
    let (sets, asks) = (set(), vec(ask(), 256));
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
