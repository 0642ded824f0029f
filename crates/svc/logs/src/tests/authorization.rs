//! Every operation asks for its own action on the resources that the Service Authorization Reference lists for it: with exactly
//! that permission it is allowed, and without any part of it denied.

use std::sync::Arc;

use garrison_api_logs::Op;
use garrison_kernel::{Context, Session};
use garrison_policy::CompiledPolicy;
use garrison_types::Timestamp;
use serde_json::{Value, json};

use crate::testing::{NOW, World};

const ARN: &str = "arn:aws:logs:eu-central-1:111122223333:log-group:";
const GROUP: &str = "g:log-stream:";
const STREAM: &str = "g:log-stream:s";

/// Operation, input, and the resource of its action behind [`ARN`], or `*`.
const TABLE: &[(&str, &str, &str)] = &[
    ("CreateLogGroup", r#"{"logGroupName": "new"}"#, "new:log-stream:"),
    ("DeleteLogGroup", r#"{"logGroupName": "g"}"#, GROUP),
    ("DescribeLogGroups", "{}", ":log-stream:"),
    ("ListLogGroups", "{}", "*"),
    ("PutRetentionPolicy", r#"{"logGroupName": "g", "retentionInDays": 1}"#, GROUP),
    ("DeleteRetentionPolicy", r#"{"logGroupName": "g"}"#, GROUP),
    ("CreateLogStream", r#"{"logGroupName": "g", "logStreamName": "new"}"#, "g:log-stream:new"),
    ("DeleteLogStream", r#"{"logGroupName": "g", "logStreamName": "s"}"#, STREAM),
    ("DescribeLogStreams", r#"{"logGroupName": "g"}"#, GROUP),
    ("TagResource", r#"{"resourceArn": "$g", "tags": {"k": "v"}}"#, "g"),
    ("UntagResource", r#"{"resourceArn": "$g", "tagKeys": ["k"]}"#, "g"),
    ("ListTagsForResource", r#"{"resourceArn": "$g"}"#, "g"),
    ("TagLogGroup", r#"{"logGroupName": "g", "tags": {"k": "v"}}"#, GROUP),
    ("UntagLogGroup", r#"{"logGroupName": "g", "tags": ["k"]}"#, GROUP),
    ("ListTagsLogGroup", r#"{"logGroupName": "g"}"#, GROUP),
    (
        "PutLogEvents",
        r#"{"logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": 1800000000000, "message": "m"}]}"#,
        STREAM,
    ),
    ("GetLogEvents", r#"{"logGroupName": "g", "logStreamName": "s"}"#, STREAM),
    ("FilterLogEvents", r#"{"logGroupName": "g"}"#, GROUP),
    ("TestMetricFilter", r#"{"filterPattern": "", "logEventMessages": ["m"]}"#, "*"),
    (
        "StartQuery",
        r#"{"logGroupName": "g", "startTime": 0, "endTime": 1, "queryString": "fields @message"}"#,
        GROUP,
    ),
    ("GetQueryResults", r#"{"queryId": "$query"}"#, GROUP),
    ("StopQuery", r#"{"queryId": "$query"}"#, "*"),
    ("DescribeQueries", "{}", "*"),
    ("PutQueryDefinition", r#"{"name": "n", "queryString": "q"}"#, "*"),
    ("DescribeQueryDefinitions", "{}", "*"),
    ("DeleteQueryDefinition", r#"{"queryDefinitionId": "$saved"}"#, "*"),
];

/// A call by the account's root user whose session has one policy.
fn limited(world: &World, statements: &Value) -> Context {
    let mut cx = world.context();
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let policy = Arc::new(CompiledPolicy::from_stored("session", document.as_bytes()));
    assert!(policy.poison().is_none(), "{document}");
    cx.caller = cx.caller.clone().with_session(Arc::new(Session {
        issued: cx.time,
        expires: Timestamp::from_millis(cx.time.as_millis() + 3_600_000),
        mfa: None,
        source_identity: None,
        tags: Vec::new(),
        transitive_tags: Vec::new(),
        policies: vec![policy],
        policy_arns: Vec::new(),
        provider: None,
        context: Vec::new(),
    }));
    cx
}

/// Whether a policy, and not the service, refuses the call. What is allowed must succeed.
async fn is_denied(world: &World, cx: &Context, operation: &str, input: &Value) -> bool {
    match world.test.call(&world.front, operation, cx, input).await {
        Ok(_) => false,
        Err(error) => {
            let denied = error.message.contains("is not authorized to perform");
            // A query ends by itself, and is then there to be stopped no more.
            assert!(denied || operation == "StopQuery", "{operation}: {error:?}");
            denied
        }
    }
}

async fn filled() -> World {
    let world = World::new();
    world.ok("CreateLogGroup", json!({"logGroupName": "g", "tags": {"team": "blue"}})).await;
    world.ok("CreateLogStream", json!({"logGroupName": "g", "logStreamName": "s"})).await;
    world
}

#[tokio::test]
async fn every_operation_asks_for_its_permission_and_no_other() {
    for (operation, input, resource) in TABLE {
        let world = filled().await;
        let query =
            json!({"logGroupName": "g", "startTime": 0, "endTime": 1, "queryString": "fields @message"});
        let query = world.ok("StartQuery", query).await["queryId"].as_str().unwrap().to_owned();
        let saved = world.ok("PutQueryDefinition", json!({"name": "n", "queryString": "q"})).await;
        let saved = saved["queryDefinitionId"].as_str().unwrap();
        let input =
            input.replace("$g", &format!("{ARN}g")).replace("$query", &query).replace("$saved", saved);
        let input: Value = serde_json::from_str(&input).unwrap();
        let resource = if *resource == "*" { "*".to_owned() } else { format!("{ARN}{resource}") };
        let action = format!("logs:{operation}");
        let statements = json!([
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": action, "Resource": resource},
        ]);
        let cx = limited(&world, &statements);
        assert!(is_denied(&world, &cx, operation, &input).await, "{operation} without {resource}");
        let cx = limited(&world, &json!([{"Effect": "Allow", "Action": action, "Resource": resource}]));
        assert!(!is_denied(&world, &cx, operation, &input).await, "{operation} with {resource}");
    }
}

#[test]
fn every_operation_is_in_the_table() {
    for op in Op::ALL {
        assert_eq!(TABLE.iter().filter(|(name, ..)| *name == op.name()).count(), 1, "{}", op.name());
    }
}

#[tokio::test]
async fn the_usual_arn_of_a_group_covers_it_and_its_streams() {
    let world = filled().await;
    let cx =
        limited(&world, &json!({"Effect": "Allow", "Action": "logs:*", "Resource": format!("{ARN}g:*")}));
    for (operation, input, denied) in [
        ("PutRetentionPolicy", json!({"logGroupName": "g", "retentionInDays": 1}), false),
        ("GetLogEvents", json!({"logGroupName": "g", "logStreamName": "s"}), false),
        ("CreateLogGroup", json!({"logGroupName": "other"}), true),
        // The three operations of tags want the ARN without an ending.
        ("ListTagsForResource", json!({"resourceArn": format!("{ARN}g")}), true),
    ] {
        assert_eq!(is_denied(&world, &cx, operation, &input).await, denied, "{operation}");
    }
}

#[tokio::test]
async fn tags_are_condition_keys() {
    let world = filled().await;
    let arn = format!("{ARN}g");
    for (operation, input, key, right) in [
        ("GetLogEvents", json!({"logGroupName": "g", "logStreamName": "s"}), "aws:ResourceTag/team", "blue"),
        ("FilterLogEvents", json!({"logGroupName": "g"}), "aws:ResourceTag/team", "blue"),
        ("TagResource", json!({"resourceArn": arn, "tags": {"k": "v"}}), "aws:RequestTag/k", "v"),
        ("TagLogGroup", json!({"logGroupName": "g", "tags": {"k": "v"}}), "aws:TagKeys", "k"),
        ("UntagResource", json!({"resourceArn": arn, "tagKeys": ["k"]}), "aws:TagKeys", "k"),
    ] {
        for (value, denied) in [("other", true), (right, false)] {
            let statement = json!({
                "Effect": "Allow", "Action": "logs:*", "Resource": "*", "Condition": {"StringEquals": {key: value}},
            });
            let cx = limited(&world, &statement);
            assert_eq!(is_denied(&world, &cx, operation, &input).await, denied, "{operation} {key} {value}");
        }
    }
}

#[tokio::test]
async fn tags_of_something_new_are_a_permission_of_their_own() {
    let world = World::new();
    let input = json!({"logGroupName": "g", "tags": {"k": "v"}});
    let allow = |actions: Value| json!([{"Effect": "Allow", "Action": actions, "Resource": "*"}]);
    for (actions, denied) in
        [(json!(["logs:CreateLogGroup"]), true), (json!(["logs:CreateLogGroup", "logs:TagResource"]), false)]
    {
        let cx = limited(&world, &allow(actions));
        assert_eq!(is_denied(&world, &cx, "CreateLogGroup", &input).await, denied);
    }
}

#[tokio::test]
async fn no_audit_record_holds_a_message() {
    let world = filled().await;
    let put = json!({
        "logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": NOW, "message": "planted text"}],
    });
    world.ok("PutLogEvents", put).await;
    let try_out = json!({"filterPattern": "planted", "logEventMessages": ["planted text"]});
    world.ok("TestMetricFilter", try_out).await;
    let query = garrison_store::AuditQuery {
        account: garrison_testkit::ACCOUNT.parse().unwrap(),
        region: garrison_testkit::REGION.parse().unwrap(),
        from: Timestamp::from_millis(0),
        to: world.context().time,
        attribute: None,
        limit: 50,
        after: None,
    };
    let page = world.test.kernel.audit().lookup(&query).await.unwrap();
    assert!(page.records.len() >= 4);
    for record in page.records {
        let text = String::from_utf8(record.json.to_vec()).unwrap();
        assert!(!text.contains("planted text"), "{text}");
    }
}
