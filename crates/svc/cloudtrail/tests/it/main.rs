//! `LookupEvents` over a real audit log.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on ends"
)]

use std::sync::Arc;
use std::time::Duration;

use garrison_kernel::{AuditResource, Context, ServiceEvent, errors};
use garrison_store::AuditRecord;
use garrison_svc_cloudtrail::{CloudTrail, CloudTrailService};
use garrison_testkit::{ACCOUNT, REGION, START, TestKernel};
use serde_json::{Value, json};

/// A log with calls in it, and CloudTrail over it.
struct World {
    world: TestKernel,
    service: CloudTrailService,
    cx: Context,
}

impl World {
    fn new() -> Self {
        let world = TestKernel::new();
        let service = CloudTrailService::new(&CloudTrail::new(Arc::clone(&world.kernel)));
        let cx = world.context(ACCOUNT, REGION);
        Self { world, service, cx }
    }

    /// Puts a refused call into the log, a second after the one before; gives its event id.
    fn record(&self, account: &str, region: &str, event_source: &str, event_name: &str) -> String {
        let cx = self.world.context(account, region);
        let error = errors::validation("no");
        self.world.kernel.refuse(&cx, event_source, event_name, None, error);
        self.world.clock.tick(Duration::from_secs(1));
        cx.event_id.to_string()
    }

    /// Puts something that KMS did by itself to a key into the log.
    fn service_event(&self, arn: &str) {
        let resource =
            AuditResource { kind: "AWS::KMS::Key", arn: arn.into(), account: ACCOUNT.parse().unwrap() };
        let event = ServiceEvent {
            event_source: "kms.amazonaws.com",
            event_name: "RotateKey",
            resources: vec![resource],
            details: None,
        };
        let record: AuditRecord = event.record(&self.world.kernel, &REGION.parse().unwrap()).unwrap();
        drop(self.world.kernel.audit().reserve(record.json.len() + 8192).unwrap().append(record));
        self.world.clock.tick(Duration::from_secs(1));
    }

    async fn lookup(&self, input: Value) -> Result<Value, &'static str> {
        let cx = Context { time: self.world.kernel.clock().now(), ..self.cx.clone() };
        let output = self.world.call(&self.service, "LookupEvents", &cx, &input).await;
        output.map_err(|error| error.schema.name)
    }

    /// The names of the events that are found, without those of the lookups themselves.
    async fn names(&self, input: Value) -> Vec<String> {
        let found = self.lookup(input).await.unwrap();
        let names =
            found["Events"].as_array().unwrap().iter().map(|e| e["EventName"].as_str().unwrap().to_owned());
        names.filter(|name| name != "LookupEvents").collect()
    }
}

fn by(key: &str, value: &str) -> Value {
    json!({ "LookupAttributes": [{ "AttributeKey": key, "AttributeValue": value }] })
}

#[tokio::test]
async fn each_attribute_finds_its_events() {
    let world = World::new();
    let arn = "arn:aws:kms:eu-central-1:111122223333:key/1";
    let id = world.record(ACCOUNT, REGION, "kms.amazonaws.com", "Encrypt");
    world.record(ACCOUNT, REGION, "sts.amazonaws.com", "GetCallerIdentity");
    world.service_event(arn);
    world.record("444455556666", REGION, "kms.amazonaws.com", "OfAnother");
    world.record(ACCOUNT, "us-east-1", "kms.amazonaws.com", "Elsewhere");
    for (input, expected) in [
        (json!({}), vec!["RotateKey", "GetCallerIdentity", "Encrypt"]),
        (by("EventName", "Encrypt"), vec!["Encrypt"]),
        (by("EventName", "OfAnother"), vec![]),
        (by("EventName", "Elsewhere"), vec![]),
        (by("EventSource", "kms.amazonaws.com"), vec!["RotateKey", "Encrypt"]),
        (by("EventId", &id), vec!["Encrypt"]),
        (by("EventId", &id.to_uppercase()), vec!["Encrypt"]),
        (by("EventId", "nonsense"), vec![]),
        (by("AccessKeyId", "AKIAEXAMPLE"), vec!["GetCallerIdentity", "Encrypt"]),
        (by("AccessKeyId", "AKIAOTHER"), vec![]),
        (by("Username", "root"), vec!["GetCallerIdentity", "Encrypt"]),
        (by("ReadOnly", "false"), vec!["RotateKey"]),
        (by("ReadOnly", "true"), vec!["GetCallerIdentity", "Encrypt"]),
        (by("ResourceType", "AWS::KMS::Key"), vec!["RotateKey"]),
        (by("ResourceName", arn), vec!["RotateKey"]),
        (json!({ "EventCategory": "insight" }), vec![]),
    ] {
        assert_eq!(world.names(input.clone()).await, expected, "{input}");
    }
}

#[tokio::test]
async fn an_event_says_what_the_log_says() {
    let world = World::new();
    let id = world.record(ACCOUNT, REGION, "kms.amazonaws.com", "Encrypt");
    let found = world.lookup(by("EventName", "Encrypt")).await.unwrap();
    let event = &found["Events"][0];
    assert_eq!(event["EventId"], id);
    assert_eq!(event["ReadOnly"], "true");
    assert_eq!(event["AccessKeyId"], "AKIAEXAMPLE");
    assert_eq!(event["EventTime"].as_f64(), Some(f64::from(i32::try_from(START).unwrap())));
    assert_eq!(event["EventSource"], "kms.amazonaws.com");
    assert_eq!(event["Username"], "root");
    assert_eq!(event["Resources"], json!([]));
    let record: Value = serde_json::from_str(event["CloudTrailEvent"].as_str().unwrap()).unwrap();
    assert_eq!(record["eventID"], id);
    assert_eq!(record["errorCode"], "ValidationException");
    assert_eq!(record["sourceIPAddress"], "203.0.113.7");
}

#[tokio::test]
async fn pages_hold_every_event_once() {
    let world = World::new();
    let names: Vec<String> = (0..7).map(|i| format!("Event{i}")).collect();
    for name in &names {
        world.record(ACCOUNT, REGION, "kms.amazonaws.com", name);
    }
    let mut found = Vec::new();
    let mut input = json!({ "MaxResults": 3, "LookupAttributes": by("EventSource", "kms.amazonaws.com")["LookupAttributes"] });
    loop {
        let page = world.lookup(input.clone()).await.unwrap();
        found.extend(
            page["Events"].as_array().unwrap().iter().map(|e| e["EventName"].as_str().unwrap().to_owned()),
        );
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => break,
        }
    }
    found.reverse();
    assert_eq!(found, names);
}

#[tokio::test]
async fn a_time_range_bounds_what_is_found() {
    let world = World::new();
    for name in ["A", "B", "C"] {
        world.record(ACCOUNT, REGION, "kms.amazonaws.com", name);
    }
    let range = |from: i64, to: i64| json!({ "StartTime": START + from, "EndTime": START + to });
    assert_eq!(world.names(range(1, 2)).await, ["C", "B"]);
    assert_eq!(world.names(range(0, 0)).await, ["A"]);
    assert_eq!(world.lookup(range(2, 1)).await, Err("InvalidTimeRangeException"));
    world.world.clock.tick(Duration::from_secs(91 * 86_400));
    assert_eq!(world.names(range(0, 1)).await, [""; 0], "no further back than 90 days");
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let world = World::new();
    for name in ["A", "B", "C"] {
        world.record(ACCOUNT, REGION, "kms.amazonaws.com", name);
    }
    let token = world.lookup(json!({ "MaxResults": 1 })).await.unwrap()["NextToken"].clone();
    let two = json!({ "LookupAttributes": [
        { "AttributeKey": "EventName", "AttributeValue": "A" },
        { "AttributeKey": "ReadOnly", "AttributeValue": "true" },
    ] });
    let other_query = {
        let mut input = by("EventName", "A");
        input["NextToken"] = token.clone();
        input
    };
    for (input, error) in [
        (json!({ "MaxResults": 0 }), "InvalidMaxResultsException"),
        (json!({ "MaxResults": 51 }), "InvalidMaxResultsException"),
        (json!({ "NextToken": "AAAA" }), "InvalidNextTokenException"),
        (other_query, "InvalidNextTokenException"),
        (two, "InvalidLookupAttributesException"),
        (by("ReadOnly", "yes"), "InvalidLookupAttributesException"),
        (by("Colour", "red"), "InvalidLookupAttributesException"),
    ] {
        assert_eq!(world.lookup(input.clone()).await, Err(error), "{input}");
    }
    assert!(world.lookup(json!({ "MaxResults": 1, "NextToken": token })).await.is_ok());
}
