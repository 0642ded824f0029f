//! Runs `testdata/log_insights.json`. Every group there names the page that it is from.

use garrison_log_query::{Limits, MAX_QUERY_LEN, Query};
use serde_json::Value;

use crate::data::{list, load};
use crate::model::{Log, run};

fn log(events: &Value) -> Vec<Log> {
    let of = |event: &Value| Log {
        timestamp: event["timestamp"].as_i64().unwrap(),
        message: event["message"].as_str().unwrap().to_owned(),
    };
    list(events).iter().map(of).collect()
}

#[test]
fn queries_answer_as_documented() {
    let file = load("log_insights");
    let mut cases = 0;
    for group in list(&file["groups"]) {
        assert!(group["page"].is_string(), "{group}");
        let events = log(&group["events"]);
        for case in list(&group["cases"]) {
            let text = case["query"].as_str().unwrap();
            let query = Query::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            // Whatever the order of the events is, where the answer does not depend on it.
            let rows = run(&query, events.iter(), Limits::default()).unwrap().0;
            assert_eq!(serde_json::to_value(&rows).unwrap(), case["rows"], "{text}");
            if !text.to_lowercase().contains("stats") {
                let backwards = run(&query, events.iter().rev(), Limits::default()).unwrap().0;
                assert_eq!(backwards, rows, "{text}");
            }
            cases += 1;
        }
    }
    assert!(cases > 200, "{cases}");
}

#[test]
fn what_is_not_understood_is_located() {
    for case in list(&load("log_insights")["refused"]) {
        let text = case["query"].as_str().unwrap();
        let error = Query::parse(text).err().unwrap_or_else(|| panic!("{text} is accepted"));
        let found = serde_json::json!({ "query": text, "start": error.start, "end": error.end, "message": error.message });
        assert_eq!(&found, case);
    }
}

#[test]
fn lengths_and_depths_are_bounded() {
    for text in [
        format!("fields {}", "a".repeat(MAX_QUERY_LEN)),
        format!("fields {}1{}", "(".repeat(4000), ")".repeat(4000)),
        format!("fields {}1", "-(".repeat(3000)),
        format!("fields {}1", "not ".repeat(2000)),
        format!("fields {}1", "1+".repeat(4000)),
        format!("fields {}1", "2^".repeat(4000)),
        format!("filter {}a{}", "(".repeat(60), " or a)".repeat(60).replace("or a", &"or a ".repeat(20))),
        "filter a like /(((((a{100}){100}){100}){100}){100})/".to_owned(),
    ] {
        assert!(Query::parse(&text).is_err(), "{}", text.chars().take(40).collect::<String>());
    }
    let longest = format!("fields {}1 as x", "1+".repeat(490));
    let rows = run(
        &Query::parse(&longest).unwrap(),
        log(&serde_json::json!([{"timestamp": 0, "message": ""}])).iter(),
        Limits::default(),
    );
    assert_eq!(rows.unwrap().0[0][0].1, "491");
}
