//! A decision allocates nothing.

use garrison_policy::evaluate;

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
