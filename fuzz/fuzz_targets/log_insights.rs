//! Logs Insights QL: no query and no event panics, a fault lies within the query, a comment behind a query changes nothing, and
//! no more rows come out than there are events.
//!
//! The input is a query, a zero byte, and events, one on a line.
#![no_main]

use garrison_log_query::{Event, Limits, Query, QueryClock, QueryResults};
use libfuzzer_sys::fuzz_target;

const LIMITS: Limits = Limits { groups: 100, bytes: 1 << 20 };

fn run(query: &Query, events: &str) -> Option<QueryResults> {
    let mut execution = query.start(QueryClock::default(), LIMITS);
    for (message, number) in events.lines().zip(0_i64..) {
        let timestamp = number.wrapping_mul(0x9e37_79b9_7f4a);
        let event =
            Event { timestamp, ingestion_time: timestamp, message, log_stream: "s", log: "l", ptr: "p" };
        execution.push(&event).ok()?;
    }
    execution.finish().ok()
}

fuzz_target!(|text: &str| {
    let (query, events) = text.split_once('\0').unwrap_or((text, "{\"a\":1}"));
    match Query::parse(query) {
        Err(error) => assert!(error.start <= error.end && error.end <= query.chars().count()),
        Ok(compiled) => {
            let results = run(&compiled, events);
            if let Some(results) = &results {
                assert!(results.rows.len() <= events.lines().count());
                assert!(results.statistics.records_matched <= results.statistics.records_scanned);
            }
            if let Ok(commented) = Query::parse(&format!("{query}\n# and no more")) {
                assert_eq!(run(&commented, events), results);
            }
        }
    }
});
