//! The policy engine and the naive evaluator of its tests: no difference on generated policies and requests.
//!
//! The input is seeds of sixteen bytes for the generators that the property tests use: of the requests, of the set of policies,
//! and of policies that take the place of those in the set, one after the other. A mutation changes one of them.
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
use proptest::collection::vec;
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::model::Set;
use crate::naive::Answer;

const SEED: usize = 16;
/// How many requests are made of each set of policies.
const REQUESTS: usize = 32;

/// What a generator makes of a seed, which zeros make whole.
///
/// The seed is not the generator's randomness itself: from zeros, which follow where that ends, no range can be sampled.
fn made<S: Strategy>(generator: S, seed: &[u8]) -> S::Value {
    let mut whole = [0; SEED];
    whole[..seed.len()].copy_from_slice(seed);
    let rng = TestRng::from_seed(RngAlgorithm::XorShift, &whole);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    generator.new_tree(&mut runner).expect("the generators reject nothing").current()
}

/// The policies of a set, each with whether it names principals.
fn policies(set: &mut Set) -> impl Iterator<Item = (&mut serde_json::Value, bool)> {
    let Set { identity, indexed, boundary, session, resource, scp, rcp, endpoint, .. } = set;
    let plain =
        identity.iter_mut().chain(indexed).chain(boundary).chain(session).chain(scp.iter_mut().flatten());
    let naming =
        resource.iter_mut().map(|(_, policy)| policy).chain(rcp.iter_mut().flatten()).chain(endpoint);
    plain.map(|policy| (policy, false)).chain(naming.map(|policy| (policy, true)))
}

fuzz_target!(|bytes: &[u8]| {
    let mut seeds = bytes.chunks(SEED);
    let requests = made(vec(generate::ask(), REQUESTS), seeds.next().unwrap_or_default());
    let mut set = made(generate::set(), seeds.next().unwrap_or_default());
    for ((policy, naming), seed) in policies(&mut set).zip(seeds) {
        *policy = made(generate::policy(naming), seed);
    }
    set.with(|policies| {
        for ask in &requests {
            let engine = ask.with(|request| {
                let decision = evaluate(policies, request);
                match (decision.effect, decision.reason) {
                    (Effect::Allow, _) => Answer::Allow,
                    (Effect::ExplicitDeny, _) => Answer::ExplicitDeny,
                    (Effect::ImplicitDeny, Reason::Missing(kind)) => {
                        Answer::ImplicitDeny(kind.to_string().into())
                    }
                    (Effect::ImplicitDeny, other) => panic!("{other:?}"),
                }
            });
            assert_eq!(engine, naive::decide(&set, ask), "{ask:?} {set:?}");
        }
    });
});
