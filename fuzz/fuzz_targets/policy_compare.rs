//! The policy engine and the naive evaluator of its tests: no difference on generated policies and requests.
//!
//! The input drives the generators that the property tests use, so that mutations change one choice at a time.
#![no_main]

#[path = "../../crates/engines/policy/tests/suite/generate.rs"]
mod generate;
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
#[path = "../../crates/engines/policy/tests/suite/model.rs"]
mod model;
#[path = "../../crates/engines/policy/tests/suite/naive.rs"]
mod naive;

use garrison_policy::{Effect, Reason, evaluate};
use libfuzzer_sys::fuzz_target;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::naive::Answer;

fuzz_target!(|bytes: &[u8]| {
    let rng = TestRng::from_seed(RngAlgorithm::PassThrough, bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (Ok(set), Ok(ask)) = (generate::set().new_tree(&mut runner), generate::ask().new_tree(&mut runner)) else {
        return;
    };
    let (set, ask) = (set.current(), ask.current());
    let engine = set.with(|policies| {
        ask.with(|request| {
            let decision = evaluate(policies, request);
            match (decision.effect, decision.reason) {
                (Effect::Allow, _) => Answer::Allow,
                (Effect::ExplicitDeny, _) => Answer::ExplicitDeny,
                (Effect::ImplicitDeny, Reason::Missing(kind)) => Answer::ImplicitDeny(kind.to_string().into()),
                (Effect::ImplicitDeny, other) => panic!("{other:?}"),
            }
        })
    });
    assert_eq!(engine, naive::decide(&set, &ask), "{ask:?} {set:?}");
});
