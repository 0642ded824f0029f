//! Events: what comes in, what is read, what is forgotten.

use std::time::Duration;

use garrison_clock::Clock as _;
use garrison_store::KeyRange;
use serde_json::{Value, json};

use crate::testing::{DAY, NOW, World};

async fn world() -> World {
    let world = World::new();
    world.ok("CreateLogGroup", json!({"logGroupName": "g"})).await;
    for stream in ["a", "b"] {
        world.ok("CreateLogStream", json!({"logGroupName": "g", "logStreamName": stream})).await;
    }
    world
}

fn put(stream: &str, events: &[(i64, &str)]) -> Value {
    let events: Vec<_> =
        events.iter().map(|(time, text)| json!({"timestamp": time, "message": text})).collect();
    json!({"logGroupName": "g", "logStreamName": stream, "logEvents": events})
}

fn messages(page: &Value) -> Vec<&str> {
    let events = page["events"].as_array().unwrap();
    events.iter().map(|event| event["message"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn pages_go_forwards_and_backwards_and_stop_at_the_ends() {
    let world = world().await;
    // Batches that overlap, days apart as well, and two events of one moment.
    world.ok("PutLogEvents", put("a", &[(NOW - 1000, "3"), (NOW - 10, "5")])).await;
    world.ok("PutLogEvents", put("a", &[(NOW - 500, "4"), (NOW - 10, "6")])).await;
    world.ok("PutLogEvents", put("a", &[(NOW - 9 * DAY, "1"), (NOW - 8 * DAY - 5, "2")])).await;
    world.ok("PutLogEvents", put("b", &[(NOW - 400, "of another stream")])).await;
    let input = json!({"logGroupName": "g", "logStreamName": "a", "limit": 4});
    let newest = world.ok("GetLogEvents", input.clone()).await;
    let last = messages(&newest);
    assert_eq!(&last[..2], ["3", "4"]);
    assert!(last[2..] == ["5", "6"] || last[2..] == ["6", "5"]);
    let turn = |token: &Value| {
        let mut input = input.clone();
        input["nextToken"] = token.clone();
        input
    };
    let older = world.ok("GetLogEvents", turn(&newest["nextBackwardToken"])).await;
    assert_eq!(messages(&older), ["1", "2"]);
    let oldest = world.ok("GetLogEvents", turn(&older["nextBackwardToken"])).await;
    assert_eq!(oldest["events"], json!([]));
    assert_eq!(oldest["nextBackwardToken"], older["nextBackwardToken"]);
    let end = world.ok("GetLogEvents", turn(&newest["nextForwardToken"])).await;
    assert_eq!(end["events"], json!([]));
    assert_eq!(end["nextForwardToken"], newest["nextForwardToken"]);
    // What comes in later is behind that token.
    world.ok("PutLogEvents", put("a", &[(NOW, "7")])).await;
    let more = world.ok("GetLogEvents", turn(&newest["nextForwardToken"])).await;
    assert_eq!(messages(&more), ["7"]);
    assert_eq!(more["events"][0]["ingestionTime"], NOW);
    let head = json!({"logGroupName": "g", "logStreamName": "a", "limit": 3, "startFromHead": true});
    assert_eq!(messages(&world.ok("GetLogEvents", head).await), ["1", "2", "3"]);
    // The start belongs to the range, the end does not.
    let range = json!({
        "logGroupName": "g", "logStreamName": "a", "startTime": NOW - 1000, "endTime": NOW - 500, "startFromHead": true,
    });
    assert_eq!(messages(&world.ok("GetLogEvents", range).await), ["3"]);
    for token in ["x", "f/1/s", "b/", "g/0/s"] {
        assert_eq!(world.refused("GetLogEvents", turn(&json!(token))).await, "InvalidParameterException");
    }
    let gone = json!({"logGroupName": "g", "logStreamName": "none"});
    assert_eq!(world.refused("GetLogEvents", gone).await, "ResourceNotFoundException");
}

#[tokio::test]
async fn a_page_holds_a_megabyte() {
    let world = world().await;
    let text = "x".repeat(200_000);
    for n in 0..3 {
        let events: Vec<(i64, &str)> = (0..4).map(|i| (NOW - 100 + n * 10 + i, text.as_str())).collect();
        world.ok("PutLogEvents", put("a", &events)).await;
    }
    for head in [true, false] {
        let (mut seen, mut token) = (0, None::<Value>);
        loop {
            let mut input = json!({"logGroupName": "g", "logStreamName": "a", "startFromHead": head});
            if let Some(token) = &token {
                input["nextToken"] = token.clone();
            }
            let page = world.ok("GetLogEvents", input).await;
            let events = messages(&page).len();
            assert!(events <= 5);
            seen += events;
            let next = page[if head { "nextForwardToken" } else { "nextBackwardToken" }].clone();
            if token.as_ref() == Some(&next) {
                break;
            }
            token = Some(next);
        }
        assert_eq!(seen, 12);
    }
}

#[tokio::test]
async fn what_is_too_old_too_new_or_expired_is_left_out() {
    let world = world().await;
    let events = [(NOW - 15 * DAY, "old"), (NOW - 14 * DAY, "a")];
    let answer = world.ok("PutLogEvents", put("a", &events)).await;
    assert_eq!(answer["rejectedLogEventsInfo"], json!({"tooOldLogEventEndIndex": 1}));
    let events = [(NOW, "b"), (NOW + 7_200_000, "c"), (NOW + 7_200_001, "new")];
    let answer = world.ok("PutLogEvents", put("a", &events)).await;
    assert_eq!(answer["rejectedLogEventsInfo"], json!({"tooNewLogEventStartIndex": 2}));
    world.ok("PutRetentionPolicy", json!({"logGroupName": "g", "retentionInDays": 1})).await;
    let events = [(NOW - DAY - 1, "expired"), (NOW - DAY + 10, "d")];
    let answer = world.ok("PutLogEvents", put("a", &events)).await;
    assert_eq!(answer["rejectedLogEventsInfo"], json!({"expiredLogEventEndIndex": 1}));
    let all = [(NOW - DAY - 2, "expired"), (NOW - DAY - 1, "expired")];
    let answer = world.ok("PutLogEvents", put("a", &all)).await;
    assert_eq!(answer, json!({"rejectedLogEventsInfo": {"expiredLogEventEndIndex": 2}}));
    let found = world.ok("FilterLogEvents", json!({"logGroupName": "g"})).await;
    assert_eq!(messages(&found), ["d", "b", "c"]);
}

#[tokio::test]
async fn what_breaks_the_rules_of_a_call_is_refused() {
    let world = world().await;
    let large = "x".repeat((1 << 20) - 25);
    for events in [
        vec![(NOW, "later"), (NOW - 1, "earlier")],
        vec![(NOW - DAY - 1, "a"), (NOW, "b")],
        vec![(NOW, large.as_str())],
    ] {
        assert_eq!(world.refused("PutLogEvents", put("a", &events)).await, "InvalidParameterException");
    }
    assert_eq!(world.refused("PutLogEvents", put("none", &[(NOW, "m")])).await, "ResourceNotFoundException");
    let largest = "x".repeat((1 << 20) - 26);
    world.ok("PutLogEvents", put("a", &[(NOW, &largest)])).await;
    let found = world.ok("GetLogEvents", json!({"logGroupName": "g", "logStreamName": "a"})).await;
    assert_eq!(messages(&found), [largest]);
}

#[tokio::test]
async fn filters_choose_events_of_all_streams_in_order() {
    let world = world().await;
    world.ok("PutLogEvents", put("a", &[(NOW - 4, "ERROR 1"), (NOW - 2, "fine")])).await;
    world.ok("PutLogEvents", put("b", &[(NOW - 3, "ERROR 2"), (NOW - 1, r#"{"code": 500}"#)])).await;
    for (filter, expected) in [
        (json!({}), vec!["ERROR 1", "ERROR 2", "fine", r#"{"code": 500}"#]),
        (json!({"filterPattern": "ERROR"}), vec!["ERROR 1", "ERROR 2"]),
        (json!({"filterPattern": "{ $.code >= 500 }"}), vec![r#"{"code": 500}"#]),
        (json!({"filterPattern": "ERROR", "logStreamNames": ["b"]}), vec!["ERROR 2"]),
        (json!({"logStreamNamePrefix": "a"}), vec!["ERROR 1", "fine"]),
        (json!({"startTime": NOW - 3, "endTime": NOW - 2}), vec!["ERROR 2", "fine"]),
    ] {
        let mut input = filter.clone();
        input["logGroupName"] = json!("g");
        assert_eq!(messages(&world.ok("FilterLogEvents", input.clone()).await), expected, "{filter}");
        // The same in pages of one event.
        input["limit"] = json!(1);
        let mut seen = Vec::new();
        loop {
            let page = world.ok("FilterLogEvents", input.clone()).await;
            seen.extend(messages(&page).iter().map(|&text| text.to_owned()));
            match page.get("nextToken") {
                Some(token) => input["nextToken"] = token.clone(),
                None => break,
            }
        }
        assert_eq!(seen, expected, "{filter}");
    }
    let one = world.ok("FilterLogEvents", json!({"logGroupName": "g", "filterPattern": "fine"})).await;
    assert_eq!(one["events"][0]["logStreamName"], "a");
    assert_eq!(one["events"][0]["eventId"].as_str().unwrap().len(), 56);
    for (wrong, error) in [
        (json!({"filterPattern": "{ $.code"}), "InvalidParameterException"),
        (json!({"nextToken": "x"}), "InvalidParameterException"),
        (json!({"logStreamNames": ["a"], "logStreamNamePrefix": "a"}), "InvalidParameterException"),
        (json!({"logStreamNames": ["none"]}), "ResourceNotFoundException"),
        (json!({"startFromHead": false}), "NotImplementedException"),
    ] {
        let mut input = wrong.clone();
        input["logGroupName"] = json!("g");
        assert_eq!(world.refused("FilterLogEvents", input).await, error, "{wrong}");
    }
}

/// How many records of a kind there are.
async fn count(world: &World, kind: &str) -> usize {
    let range = KeyRange::under(&["logs", kind]);
    world.test.kernel.store().scan(&range, 1000).await.unwrap().0.len()
}

#[tokio::test]
async fn retention_deletes_what_expired_as_time_goes_by() {
    let world = world().await;
    world.ok("PutLogEvents", put("a", &[(NOW - DAY, "older")])).await;
    world.ok("PutLogEvents", put("b", &[(NOW, "newer")])).await;
    assert_eq!(world.run_due().await, None);
    world.ok("PutRetentionPolicy", json!({"logGroupName": "g", "retentionInDays": 3})).await;
    let due = world.run_due().await.unwrap();
    assert!((NOW + 2 * DAY..=NOW + 2 * DAY + 3_600_000).contains(&due), "{due}");
    assert_eq!((count(&world, "events").await, count(&world, "index").await), (2, 2));
    world.test.clock.advance(Duration::from_millis(u64::try_from(due - NOW).unwrap()));
    let due = world.run_due().await.unwrap();
    assert!((NOW + 3 * DAY..=NOW + 3 * DAY + 3_600_000).contains(&due), "{due}");
    let found = world.ok("FilterLogEvents", json!({"logGroupName": "g"})).await;
    assert_eq!(messages(&found), ["newer"]);
    assert_eq!((count(&world, "events").await, count(&world, "index").await), (1, 1));
    world.ok("DeleteRetentionPolicy", json!({"logGroupName": "g"})).await;
    world.test.clock.advance(Duration::from_secs(30 * 86_400));
    assert_eq!(world.run_due().await, None);
    assert_eq!(count(&world, "events").await, 1);
}

#[tokio::test]
async fn what_was_deleted_is_gone_at_once_and_its_room_freed_later() {
    let world = world().await;
    for stream in ["a", "b"] {
        world.ok("PutLogEvents", put(stream, &[(NOW, stream)])).await;
    }
    world.ok("DeleteLogStream", json!({"logGroupName": "g", "logStreamName": "a"})).await;
    world.ok("CreateLogStream", json!({"logGroupName": "g", "logStreamName": "a"})).await;
    let found = world.ok("FilterLogEvents", json!({"logGroupName": "g"})).await;
    assert_eq!(messages(&found), ["b"]);
    world.run_due().await;
    assert_eq!((count(&world, "events").await, count(&world, "doomed").await), (1, 0));
    world.ok("DeleteLogGroup", json!({"logGroupName": "g"})).await;
    world.ok("CreateLogGroup", json!({"logGroupName": "g"})).await;
    let found = world.ok("FilterLogEvents", json!({"logGroupName": "g"})).await;
    assert_eq!(messages(&found), [""; 0]);
    world.test.clock.advance(Duration::from_secs(61));
    world.run_due().await;
    for kind in ["events", "index", "stream", "activity", "doomed"] {
        assert_eq!(count(&world, kind).await, 0, "{kind}");
    }
    assert_eq!(count(&world, "group").await, 1);
}

#[tokio::test]
async fn a_metric_filter_is_tried_on_messages() {
    let world = World::new();
    let input = json!({
        "filterPattern": "{ $.code >= 500 }", "logEventMessages": ["{\"code\": 200}", "{\"code\": 503}"],
    });
    let expected = json!([{
        "eventNumber": 2, "eventMessage": "{\"code\": 503}", "extractedValues": {"$.code": "503"},
    }]);
    assert_eq!(world.ok("TestMetricFilter", input).await["matches"], expected);
    let wrong = json!({"filterPattern": "{ $.", "logEventMessages": ["x"]});
    assert_eq!(world.refused("TestMetricFilter", wrong).await, "InvalidParameterException");
}
