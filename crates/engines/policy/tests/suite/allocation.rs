//! A decision allocates nothing.

use garrison_policy::{CompiledPolicy, evaluate};
use serde_json::json;

use crate::cases::decision_cases;

#[test]
fn no_decision_of_the_case_files_allocates() {
    for (case, set, ask) in decision_cases() {
        set.with(|policies| {
            ask.with(|request| {
                let allocations = allocation_counter::measure(|| {
                    let _ = evaluate(policies, request);
                });
                assert_eq!(allocations.count_total, 0, "{case}");
            });
        });
    }
    // The counter counts.
    assert!(allocation_counter::measure(|| drop(vec![1])).count_total > 0);
}

/// Tens of thousands of policies are held at once.
#[test]
fn a_compiled_policy_takes_little_memory() {
    let statement = |i: u32| {
        json!({"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": format!("arn:aws:kms:eu-west-1:111122223333:key/{i}-*"),
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue"}}})
    };
    for statements in [1_u32, 5, 50] {
        let list: Vec<_> = (0..statements).map(statement).collect();
        let text = json!({"Version": "2012-10-17", "Statement": list}).to_string();
        let mut policy = None;
        let memory = allocation_counter::measure(|| {
            policy = Some(CompiledPolicy::from_stored("arn:aws:iam::111122223333:policy/p", text.as_bytes()));
        });
        let compiled = usize::try_from(memory.bytes_current).unwrap();
        println!("{statements} statements: {compiled} bytes of {} bytes of JSON", text.len());
        assert!(compiled < 4 * text.len(), "{compiled} bytes of {}", text.len());
        assert!(policy.is_some_and(|policy| policy.poison().is_none()));
    }
}
