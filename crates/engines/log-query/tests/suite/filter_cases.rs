//! Runs `testdata/filter_patterns.json`. Every group or case there names the page that it is from.

use garrison_log_query::FilterPattern;
use serde_json::Value;

use crate::data::{list, load};

fn parse(text: &str) -> FilterPattern {
    FilterPattern::parse(text).unwrap_or_else(|error| panic!("{text}: {error}, {}", error.reason()))
}

#[test]
fn patterns_choose_events_as_documented() {
    let file = load("filter_patterns");
    let mut checks = 0;
    for group in list(&file["groups"]) {
        assert!(group["page"].is_string(), "{group}");
        for case in list(&group["cases"]) {
            let text = case["pattern"].as_str().unwrap();
            let pattern = parse(text);
            for (events, expected) in [("matches", true), ("rejects", false)] {
                for event in list(&case[events]) {
                    assert_eq!(pattern.matches(event.as_str().unwrap()), expected, "{text} on {event}");
                    checks += 1;
                }
            }
        }
    }
    assert!(checks > 200, "{checks}");
}

#[test]
fn what_is_not_in_the_language_is_refused_in_aws_words() {
    let file = load("filter_patterns");
    for case in list(&file["refused"]["cases"]) {
        let text = case["pattern"].as_str().unwrap();
        let error = FilterPattern::parse(text).err().unwrap_or_else(|| panic!("{text} is accepted"));
        assert_eq!(error.filter_message(), case["filter_message"], "{text}");
        assert_eq!(error.metric_filter_message(), case["metric_filter_message"], "{text}");
        assert!(!error.reason().is_empty());
    }
}

#[test]
fn values_are_extracted_as_test_metric_filter_shows_them() {
    let file = load("filter_patterns");
    for case in list(&file["extracted"]) {
        assert!(case["page"].is_string());
        let values = parse(case["pattern"].as_str().unwrap()).extract(case["event"].as_str().unwrap());
        assert_eq!(serde_json::to_value(values).unwrap(), case["values"], "{case}");
    }
}

#[test]
fn values_of_metrics_and_dimensions_are_selected() {
    let file = load("filter_patterns");
    for case in list(&file["selected"]) {
        assert!(case["page"].is_string());
        let pattern = parse(case["pattern"].as_str().unwrap());
        match pattern.selector(case["selector"].as_str().unwrap()) {
            Ok(selector) => {
                let value = pattern.select(&selector, case["event"].as_str().unwrap());
                assert_eq!(value.map_or(Value::Null, Value::from), case["value"], "{case}");
            }
            Err(error) => assert_eq!(format!("{error:?}"), case["value"]["error"], "{case}"),
        }
    }
}

#[test]
fn lengths_and_depths_are_bounded() {
    for text in [
        "x".repeat(garrison_log_query::MAX_PATTERN_LEN + 1),
        format!("{{{}$.a=1{}}}", "(".repeat(1000), ")".repeat(1000)),
        format!("{{ $.a=1{} }}", "||$.a=1".repeat(200)),
        format!("{{ ${} = 1 }}", "[0]".repeat(200)),
        format!("[{}]", "a,".repeat(1000)),
    ] {
        assert!(FilterPattern::parse(&text).is_err(), "{text}");
    }
}
