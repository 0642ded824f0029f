//! Queries beside plain evaluators, and within their bounds.

use garrison_log_query::{ExecutionError, Limits, Query};
use proptest::prelude::*;
use serde_json::json;

use crate::model::{Log, run};

fn events(values: &[(i64, i32, &str)]) -> Vec<Log> {
    let event = |(timestamp, n, k): &(i64, i32, &str)| Log {
        timestamp: *timestamp,
        message: json!({ "n": n, "deep": { "k": [k] } }).to_string(),
    };
    values.iter().map(event).collect()
}

fn parse(text: &str) -> Query {
    Query::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn statistics_count_what_was_looked_at() {
    let events = events(&[(1, 1, "a"), (2, 2, "b"), (3, 3, "a")]);
    let (rows, statistics) = run(&parse("filter n > 1 | limit 1"), events.iter(), Limits::default()).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((statistics.records_matched, statistics.records_scanned), (2, 3));
    assert_eq!(statistics.bytes_scanned, events.iter().map(|log| log.message.len() as u64).sum::<u64>());
}

#[test]
fn events_can_be_found_again() {
    let query = parse("fields n");
    let mut execution = query.start(crate::model::CLOCK, Limits::default());
    let event = garrison_log_query::Event {
        timestamp: 0,
        ingestion_time: 0,
        message: "{\"n\":1}",
        log_stream: "s",
        log: "l",
        ptr: "opaque",
    };
    execution.push(&event).unwrap();
    let results = execution.finish().unwrap();
    let fields: Vec<_> = results.rows[0].iter().map(|field| (&*field.field, field.value.as_str())).collect();
    assert_eq!(fields, [("n", "1"), ("@ptr", "opaque")]);
}

#[test]
fn groups_rows_and_bytes_are_bounded() {
    let many: Vec<_> = (0..2000).map(|n| (i64::from(n), n, "x")).collect();
    let events = events(&many);
    let few = Limits { groups: 1000, bytes: usize::MAX };
    let small = Limits { groups: usize::MAX, bytes: 50_000 };
    for (text, limits, expected) in [
        ("stats count(*) by n", few, ExecutionError::TooManyGroups),
        ("dedup n", few, ExecutionError::TooManyGroups),
        ("stats count(*) by n", small, ExecutionError::TooLarge),
        ("fields @message", small, ExecutionError::TooLarge),
        ("dedup n", small, ExecutionError::TooLarge),
        ("limit 2000 | stats count(*) by n", few, ExecutionError::TooManyGroups),
    ] {
        assert_eq!(run(&parse(text), events.iter(), limits).unwrap_err(), expected, "{text}");
    }
    // What is not kept takes nothing.
    for text in
        ["fields @message | limit 10", "stats count(*), sum(n), max(n), max(@timestamp), latest(n) by k"]
    {
        run(&parse(text), events.iter(), small).unwrap();
    }
}

#[test]
fn no_more_rows_are_returned_than_allowed() {
    let many: Vec<_> = (0..20_500).map(|n| (i64::from(n), n, "x")).collect();
    let events = events(&many);
    for (text, count, first) in [
        ("fields n", 10_000, "20499"),
        ("fields n | limit 20000", 10_000, "20499"),
        ("fields n | sort n | limit 3", 3, "0"),
    ] {
        let rows = run(&parse(text), events.iter(), Limits::default()).unwrap().0;
        assert_eq!((rows.len(), rows[0][0].1.as_str()), (count, first), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sorted_rows_agree_with_a_sort(
        values in prop::collection::vec((0..5_i64, -3..3_i32, prop_oneof![Just("a"), Just("b")]), 0..60),
        limit in 1..8_usize,
        descending in any::<bool>(),
    ) {
        let order = if descending { "desc" } else { "asc" };
        let query = parse(&format!("fields n, deep.k.0 | sort n {order}, @timestamp | limit {limit}"));
        let rows = run(&query, events(&values).iter(), Limits::default()).unwrap().0;
        let mut expected = values;
        expected.sort_by_key(|(timestamp, n, _)| (if descending { -n } else { *n }, *timestamp));
        let expected: Vec<_> = expected
            .iter()
            .take(limit)
            .map(|(_, n, k)| vec![("n".to_owned(), n.to_string()), ("deep.k.0".to_owned(), (*k).to_owned())])
            .collect();
        prop_assert_eq!(rows, expected);
    }

    #[test]
    fn groups_agree_with_a_map(
        values in prop::collection::vec((0..100_i64, -3..3_i32, prop_oneof![Just("a"), Just("b"), Just("c")]), 1..60),
    ) {
        let query = parse(
            "stats count(*) as c, sum(n) as s, min(n) as lo, max(n) as hi, count_distinct(n) as d by deep.k.0 as k, bin(10ms) as t | sort k, t",
        );
        let rows = run(&query, events(&values).iter(), Limits::default()).unwrap().0;
        let mut groups = std::collections::BTreeMap::<_, Vec<i32>>::new();
        for (timestamp, n, k) in &values {
            groups.entry((*k, timestamp / 10)).or_default().push(*n);
        }
        let expected: Vec<Vec<(String, String)>> = groups
            .into_iter()
            .map(|((k, t), n)| {
                let distinct: std::collections::BTreeSet<_> = n.iter().collect();
                [
                    ("k", k.to_owned()),
                    ("t", format!("1970-01-01 00:00:00.0{t}0")),
                    ("c", n.len().to_string()),
                    ("s", n.iter().sum::<i32>().to_string()),
                    ("lo", n.iter().min().unwrap().to_string()),
                    ("hi", n.iter().max().unwrap().to_string()),
                    ("d", distinct.len().to_string()),
                ]
                .map(|(name, value)| (name.to_owned(), value))
                .to_vec()
            })
            .collect();
        prop_assert_eq!(rows, expected);
    }

    #[test]
    fn globs_agree_with_regular_expressions(glob in "[ab]{0,2}(\\*[ab]{0,2}){1,3}", text in "[abc]{0,10}") {
        let stars = glob.matches('*').count();
        let names: Vec<_> = (0..stars).map(|n| format!("g{n}")).collect();
        let query = parse(&format!("parse @message '{glob}' as {} | display {0}", names.join(", ")));
        let log = [Log { timestamp: 0, message: text.clone() }];
        let rows = run(&query, log.iter(), Limits::default()).unwrap().0;
        let mut pattern = glob.replace('*', "(.*?)");
        if glob.ends_with('*') {
            pattern.push('$');
        }
        let found = regex::Regex::new(&pattern).unwrap().captures(&text);
        let expected = found.map_or_else(Vec::new, |found| {
            names.iter().enumerate().map(|(n, name)| (name.clone(), found[n + 1].to_owned())).collect()
        });
        prop_assert_eq!(rows, vec![expected]);
    }

    #[test]
    fn no_query_panics(
        words in prop::collection::vec(prop_oneof![
            "[a-c@.`'\"/#0-9()\\[\\]|,=<>!~+*^% é\\\\-]{1,3}",
            Just("fields".to_owned()), Just("filter".to_owned()), Just("stats".to_owned()), Just("sort".to_owned()),
            Just("limit".to_owned()), Just("parse".to_owned()), Just("display".to_owned()), Just("dedup".to_owned()),
            Just("count(*)".to_owned()), Just("max(a)".to_owned()), Just("bin(5m)".to_owned()), Just("by".to_owned()),
            Just("as".to_owned()), Just("like".to_owned()), Just("not".to_owned()), Just("in [a]".to_owned()),
            Just("|".to_owned()), Just("a".to_owned()), Just("@message".to_owned()), Just("jsonParse(@message).a[0]".to_owned()),
        ], 0..14),
        message in ".{0,30}",
    ) {
        let text = words.join(" ");
        match Query::parse(&text) {
            Ok(query) => {
                let log = [Log { timestamp: i64::MAX, message }, Log { timestamp: 0, message: "{\"a\":[1],\"b\":\"x\"}".into() }];
                let rows = run(&query, log.iter(), Limits::default()).unwrap().0;
                prop_assert!(rows.len() <= 2);
            }
            Err(error) => prop_assert!(error.start <= error.end && error.end <= text.chars().count()),
        }
    }
}
