//! Times patterns and queries over events like CloudTrail's, each beside the plain way of doing the same:
//! `cargo run --release -p garrison-log-query --example log_query_bench`.
//!
//! The plain way looks for a part of the text, or parses the event into a `serde_json::Value` and walks to what it needs.

use std::collections::HashMap;
use std::hint::black_box;
use std::io::Write as _;
use std::time::Instant;

use garrison_log_query::{Event, FilterPattern, Limits, Query, QueryClock};
use serde_json::{Value, json};

const EVENTS: usize = 20_000;

fn main() {
    let events: Vec<String> = (0..EVENTS).map(event).collect();
    let bytes: usize = events.iter().map(String::len).sum();
    say(&format!("{EVENTS} events of {} bytes on average; millions of events a second", bytes / EVENTS));
    pattern("a term that 1 % have", "AccessDenied", &events, |text| text.contains("AccessDenied"));
    pattern(
        "JSON, 1 % match",
        r#"{ $.errorCode = "AccessDenied" && $.userIdentity.invokedBy NOT EXISTS }"#,
        &events,
        |text| {
            let event = parse(text);
            text_at(&event, "/errorCode") == "AccessDenied"
                && event.pointer("/userIdentity/invokedBy").is_none()
        },
    );
    pattern("JSON, 50 % match", r#"{ $.userIdentity.type = "Role*" && $.latency > 10 }"#, &events, |text| {
        let event = parse(text);
        text_at(&event, "/userIdentity/type").starts_with("Role") && number_at(&event, "/latency") > 10.0
    });
    queries(&events);
}

/// An event much like CloudTrail's.
fn event(number: usize) -> String {
    let names =
        ["Decrypt", "Encrypt", "GenerateDataKey", "DescribeKey", "ListKeys", "PutObject", "GetObject"];
    let name = names.get(number % names.len()).copied().unwrap_or_default();
    let role = number.is_multiple_of(2);
    let mut event = json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": if role { "Role" } else { "IAMUser" },
            "principalId": format!("AIDA{number:016}"),
            "arn": format!("arn:aws:iam::111122223333:user/user-{}", number % 97),
            "accountId": "111122223333",
            "sessionContext": { "attributes": { "creationDate": "2026-01-01T00:00:00Z", "mfaAuthenticated": "false" } },
        },
        "eventTime": "2026-01-01T00:00:00Z",
        "eventSource": if number % 7 < 5 { "kms.amazonaws.com" } else { "s3.amazonaws.com" },
        "eventName": name,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": format!("192.0.2.{}", number % 250),
        "userAgent": "aws-cli/2.31 md/awscrt#0.27 ua/2.1 os/linux lang/python#3.13 cfg/retry-mode#standard",
        "requestParameters": { "encryptionContext": { "department": "finance", "purpose": "a \"quoted\" purpose" }, "keyId": format!("1234abcd-{}", number % 13) },
        "responseElements": null,
        "resources": [{ "accountId": "111122223333", "type": "AWS::KMS::Key", "ARN": "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab" }],
        "requestID": format!("r-{number:032}"),
        "eventID": format!("e-{number:032}"),
        "readOnly": true,
        "latency": number % 40,
        "recipientAccountId": "111122223333",
    });
    if number.is_multiple_of(100) {
        put(&mut event, "errorCode", "AccessDenied".into());
    }
    if number % 7 >= 5 {
        put(
            &mut event,
            "requestParameters",
            json!({ "bucketName": "records", "key": format!("object-{number}") }),
        );
    }
    event.to_string()
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn put(event: &mut Value, key: &str, value: Value) {
    if let Some(members) = event.as_object_mut() {
        members.insert(key.to_owned(), value);
    }
}

fn text_at<'v>(event: &'v Value, path: &str) -> &'v str {
    event.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

fn number_at(event: &Value, path: &str) -> f64 {
    event.pointer(path).and_then(Value::as_f64).unwrap_or_default()
}

fn pattern(name: &str, text: &str, events: &[String], plain: impl Fn(&str) -> bool) {
    let Ok(pattern) = FilterPattern::parse(text) else { return say(&format!("{text} is refused")) };
    let count = |matches: &dyn Fn(&str) -> bool| events.iter().filter(|event| matches(event)).count();
    assert_eq!(count(&|event| pattern.matches(event)), count(&plain), "{text}");
    let ours = time(|| count(&|event| pattern.matches(event)));
    report(name, ours, time(|| count(&plain)));
}

fn queries(events: &[String]) {
    let text =
        r#"filter eventSource = "kms.amazonaws.com" | stats count(*) as n, avg(latency) as ms by eventName"#;
    let Ok(query) = Query::parse(text) else { return say(&format!("{text} is refused")) };
    let ours = || {
        let mut execution = query.start(QueryClock::default(), Limits::default());
        for (message, timestamp) in events.iter().zip(0..) {
            let event =
                Event { timestamp, ingestion_time: timestamp, message, log_stream: "s", log: "l", ptr: "p" };
            if execution.push(&event).is_err() {
                return 0;
            }
        }
        execution.finish().map_or(0, |results| results.rows.len())
    };
    let plain = || {
        let mut groups = HashMap::<String, (u64, f64)>::new();
        for event in events.iter().map(|event| parse(event)) {
            if text_at(&event, "/eventSource") == "kms.amazonaws.com" {
                let group = groups.entry(text_at(&event, "/eventName").to_owned()).or_default();
                group.0 += 1;
                group.1 += number_at(&event, "/latency");
            }
        }
        groups.len()
    };
    assert_eq!(ours(), plain());
    report("stats by a JSON field", time(ours), time(plain));
}

/// The shortest time of one run over all events, in seconds.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn time(work: impl Fn() -> usize) -> f64 {
    let run = |_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed().as_secs_f64()
    };
    (0..15).map(run).fold(f64::INFINITY, f64::min)
}

#[expect(clippy::cast_precision_loss, reason = "a small number")]
fn report(name: &str, ours: f64, plain: f64) {
    let rate = |seconds: f64| EVENTS as f64 / seconds / 1e6;
    say(&format!(
        "{name:<24} {:8.2}    plainly {:6.2}    {:5.1} times",
        rate(ours),
        rate(plain),
        plain / ours
    ));
}

fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
