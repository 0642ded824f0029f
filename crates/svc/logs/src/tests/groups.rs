//! Groups, streams, tags, retention.

use serde_json::json;

use crate::testing::{NOW, World};

const ARN: &str = "arn:aws:logs:eu-central-1:111122223333:log-group:";

#[tokio::test]
async fn a_group_lives_and_dies() {
    let world = World::new();
    let group = json!({"logGroupName": "/app/a"});
    world.ok("CreateLogGroup", json!({"logGroupName": "/app/a", "tags": {"k": "v"}})).await;
    assert_eq!(world.refused("CreateLogGroup", group.clone()).await, "ResourceAlreadyExistsException");
    world.ok("PutRetentionPolicy", json!({"logGroupName": "/app/a", "retentionInDays": 7})).await;
    let found = world.ok("DescribeLogGroups", json!({"logGroupNamePrefix": "/app"})).await;
    let expected = json!([{
        "logGroupName": "/app/a", "creationTime": NOW, "retentionInDays": 7, "metricFilterCount": 0,
        "arn": format!("{ARN}/app/a:*"), "logGroupArn": format!("{ARN}/app/a"), "logGroupClass": "STANDARD",
        "deletionProtectionEnabled": false,
    }]);
    assert_eq!(found["logGroups"], expected);
    world.ok("DeleteRetentionPolicy", group.clone()).await;
    let found = world.ok("DescribeLogGroups", json!({})).await;
    assert_eq!(found["logGroups"][0].get("retentionInDays"), None);
    world.ok("DeleteLogGroup", group.clone()).await;
    assert_eq!(world.ok("DescribeLogGroups", json!({})).await["logGroups"], json!([]));
    for operation in ["DeleteLogGroup", "DeleteRetentionPolicy", "ListTagsLogGroup", "DescribeLogStreams"] {
        assert_eq!(world.refused(operation, group.clone()).await, "ResourceNotFoundException", "{operation}");
    }
}

#[tokio::test]
async fn what_no_group_may_be_is_refused() {
    let world = World::new();
    for (input, error) in [
        (json!({"logGroupName": "aws/x"}), "InvalidParameterException"),
        (
            json!({"logGroupName": "x", "kmsKeyId": "arn:aws:kms:eu-central-1:111122223333:key/x"}),
            "NotImplementedException",
        ),
        (json!({"logGroupName": "x", "deletionProtectionEnabled": true}), "NotImplementedException"),
        (json!({"logGroupName": "x", "tags": {"aws:x": "y"}}), "InvalidParameterException"),
    ] {
        assert_eq!(world.refused("CreateLogGroup", input.clone()).await, error, "{input}");
    }
    world.ok("CreateLogGroup", json!({"logGroupName": "g"})).await;
    let odd = json!({"logGroupName": "g", "retentionInDays": 8});
    assert_eq!(world.refused("PutRetentionPolicy", odd).await, "InvalidParameterException");
    let both = json!({"logGroupNamePrefix": "a", "logGroupNamePattern": "b"});
    assert_eq!(world.refused("DescribeLogGroups", both).await, "InvalidParameterException");
}

#[tokio::test]
async fn lists_have_pages_and_filters() {
    let world = World::new();
    for n in 0..5 {
        world.ok("CreateLogGroup", json!({"logGroupName": format!("g{n}")})).await;
    }
    let infrequent = json!({"logGroupName": "other", "logGroupClass": "INFREQUENT_ACCESS"});
    world.ok("CreateLogGroup", infrequent).await;
    for operation in ["DescribeLogGroups", "ListLogGroups"] {
        let (mut names, mut token) = (Vec::new(), None);
        loop {
            let mut input = json!({"limit": 2});
            if let Some(token) = token {
                input["nextToken"] = token;
            }
            let page = world.ok(operation, input).await;
            let groups = page["logGroups"].as_array().unwrap().clone();
            assert!(groups.len() <= 2);
            names.extend(groups.iter().map(|group| group["logGroupName"].as_str().unwrap().to_owned()));
            token = page.get("nextToken").cloned();
            if token.is_none() {
                break;
            }
        }
        assert_eq!(names, ["g0", "g1", "g2", "g3", "g4", "other"], "{operation}");
        let found = world.ok(operation, json!({"logGroupClass": "INFREQUENT_ACCESS"})).await;
        assert_eq!(found["logGroups"].as_array().unwrap().len(), 1);
        assert_eq!(world.refused(operation, json!({"nextToken": "x"})).await, "InvalidParameterException");
    }
    for (operation, input, count) in [
        ("DescribeLogGroups", json!({"logGroupNamePattern": "the"}), 1),
        ("DescribeLogGroups", json!({"logGroupIdentifiers": [format!("{ARN}g3"), "g1"]}), 2),
        ("ListLogGroups", json!({"logGroupNamePattern": "^g1|^oth"}), 2),
    ] {
        let found = world.ok(operation, input.clone()).await;
        assert_eq!(found["logGroups"].as_array().unwrap().len(), count, "{input}");
    }
}

#[tokio::test]
async fn streams_are_listed_in_every_order() {
    let world = World::new();
    world.ok("CreateLogGroup", json!({"logGroupName": "g"})).await;
    for name in ["a", "b", "c"] {
        let stream = json!({"logGroupName": "g", "logStreamName": name});
        world.ok("CreateLogStream", stream.clone()).await;
        assert_eq!(world.refused("CreateLogStream", stream).await, "ResourceAlreadyExistsException");
    }
    for (name, time) in [("b", NOW - 5000), ("a", NOW - 9000)] {
        let events = json!([{"timestamp": time, "message": "m"}]);
        world
            .ok("PutLogEvents", json!({"logGroupName": "g", "logStreamName": name, "logEvents": events}))
            .await;
    }
    for (mut input, expected) in [
        (json!({}), ["a", "b", "c"]),
        (json!({"descending": true}), ["c", "b", "a"]),
        (json!({"orderBy": "LastEventTime"}), ["c", "a", "b"]),
        (json!({"orderBy": "LastEventTime", "descending": true}), ["b", "a", "c"]),
    ] {
        input["logGroupName"] = json!("g");
        input["limit"] = json!(2);
        let first = world.ok("DescribeLogStreams", input.clone()).await;
        input["nextToken"] = first["nextToken"].clone();
        let second = world.ok("DescribeLogStreams", input.clone()).await;
        let pages = [first, second];
        let streams = pages.iter().flat_map(|page| page["logStreams"].as_array().unwrap());
        let names: Vec<&str> = streams.map(|stream| stream["logStreamName"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{input}");
    }
    let one = json!({"logGroupIdentifier": format!("{ARN}g:*"), "logStreamNamePrefix": "b"});
    let found = world.ok("DescribeLogStreams", one).await;
    let expected = json!([{
        "logStreamName": "b", "creationTime": NOW, "firstEventTimestamp": NOW - 5000, "lastEventTimestamp": NOW - 5000,
        "lastIngestionTime": NOW, "arn": format!("{ARN}g:log-stream:b"), "storedBytes": 0,
    }]);
    assert_eq!(found["logStreams"], expected);
    let wrong = json!({"logGroupName": "g", "orderBy": "LastEventTime", "logStreamNamePrefix": "b"});
    assert_eq!(world.refused("DescribeLogStreams", wrong).await, "InvalidParameterException");
    assert_eq!(world.refused("DescribeLogStreams", json!({})).await, "InvalidParameterException");
    world.ok("DeleteLogStream", json!({"logGroupName": "g", "logStreamName": "b"})).await;
    let gone = json!({"logGroupName": "g", "logStreamName": "b"});
    assert_eq!(world.refused("DeleteLogStream", gone).await, "ResourceNotFoundException");
}

#[tokio::test]
async fn tags_are_put_and_taken_in_both_forms() {
    let world = World::new();
    world.ok("CreateLogGroup", json!({"logGroupName": "g", "tags": {"a": "1"}})).await;
    let arn = format!("{ARN}g");
    world.ok("TagResource", json!({"resourceArn": arn, "tags": {"b": "2"}})).await;
    world.ok("TagLogGroup", json!({"logGroupName": "g", "tags": {"c": "3"}})).await;
    let all = json!({"a": "1", "b": "2", "c": "3"});
    assert_eq!(world.ok("ListTagsForResource", json!({"resourceArn": arn})).await["tags"], all);
    world.ok("UntagResource", json!({"resourceArn": arn, "tagKeys": ["a"]})).await;
    world.ok("UntagLogGroup", json!({"logGroupName": "g", "tags": ["b", "x"]})).await;
    assert_eq!(world.ok("ListTagsLogGroup", json!({"logGroupName": "g"})).await["tags"], json!({"c": "3"}));
    for (arn, error) in [
        ("arn:aws:logs:eu-central-1:111122223333:log-group:none", "ResourceNotFoundException"),
        ("arn:aws:logs:eu-central-1:444455556666:log-group:g", "ResourceNotFoundException"),
        ("arn:aws:s3:::b", "InvalidParameterException"),
        ("g", "InvalidParameterException"),
    ] {
        assert_eq!(world.refused("ListTagsForResource", json!({"resourceArn": arn})).await, error, "{arn}");
    }
    let many: serde_json::Map<_, _> = (0..51).map(|n| (n.to_string(), json!("v"))).collect();
    let many = json!({"resourceArn": arn, "tags": many});
    assert_eq!(world.refused("TagResource", many).await, "TooManyTagsException");
}
