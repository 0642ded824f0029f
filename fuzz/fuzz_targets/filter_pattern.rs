//! Filter patterns of CloudWatch Logs: no pattern and no event panics, values are extracted exactly where the pattern matches, and
//! an event that is cut off
//! matches no condition on JSON.
//!
//! The input is a pattern, a line feed, and an event.
#![no_main]

use garrison_log_query::{FilterPattern, PatternKind};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (pattern, event) = text.split_once('\n').unwrap_or((text, ""));
    let Ok(compiled) = FilterPattern::parse(pattern) else { return };
    let matches = compiled.matches(event);
    assert_eq!(compiled.extract(event).is_some(), matches);
    // Numbers beyond an f64 and halves of surrogate pairs are JSON, but no `serde_json::Value`.
    let parsed = serde_json::from_str::<serde_json::Value>(event);
    if compiled.kind() == PatternKind::Json && parsed.is_err_and(|error| error.is_eof()) {
        assert!(!matches, "an event that is cut off");
    }
    let spaced =
        FilterPattern::parse(&format!(" {pattern} ")).expect("white space around a pattern has no meaning");
    assert_eq!(spaced.matches(event), matches);
    if let Ok(selector) = compiled.selector(event) {
        let _ = compiled.select(&selector, event);
    }
});
