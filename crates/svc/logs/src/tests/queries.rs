//! Logs Insights.

use std::sync::Arc;

use garrison_api_logs::types::QueryStatus;
use garrison_log_query::Query;
use serde_json::{Value, json};

use crate::queries::{Asked, Queries};
use crate::repo::{Place, Repo};
use crate::testing::{NOW, World};

async fn world() -> World {
    let world = World::new();
    for group in ["g", "h"] {
        world.ok("CreateLogGroup", json!({"logGroupName": group})).await;
        world.ok("CreateLogStream", json!({"logGroupName": group, "logStreamName": "s"})).await;
        let events: Vec<_> = (0..6)
            .map(|n| json!({"timestamp": NOW - 6000 + n * 1000, "message": format!(r#"{{"n": {n}}}"#)}))
            .collect();
        let put = json!({"logGroupName": group, "logStreamName": "s", "logEvents": events});
        world.ok("PutLogEvents", put).await;
    }
    world
}

/// The answer when the query has ended.
async fn results(world: &World, input: Value) -> Value {
    let id = world.ok("StartQuery", input).await["queryId"].clone();
    loop {
        let found = world.ok("GetQueryResults", json!({"queryId": id})).await;
        if found["status"] != "Running" {
            return found;
        }
        tokio::task::yield_now().await;
    }
}

fn asked(query: &str) -> Value {
    let now = NOW / 1000;
    json!({"logGroupName": "g", "startTime": now - 60, "endTime": now, "queryString": query})
}

#[tokio::test]
async fn a_query_finds_and_counts() {
    let world = world().await;
    let found = results(&world, asked("filter n > 3 | fields n | sort n desc")).await;
    assert_eq!(found["status"], "Complete");
    let values: Vec<&Value> =
        found["results"].as_array().unwrap().iter().map(|row| &row[0]["value"]).collect();
    assert_eq!(values, ["5", "4"]);
    assert_eq!(found["statistics"]["recordsMatched"], 2.0);
    assert_eq!(found["statistics"]["recordsScanned"], 6.0);
    let mut both = asked("stats count(*) as c by @log");
    both["logGroupNames"] = json!(["g", "h"]);
    both.as_object_mut().unwrap().remove("logGroupName");
    assert_eq!(results(&world, both).await["results"].as_array().unwrap().len(), 2);
    let mut limited = asked("fields n");
    limited["limit"] = json!(3);
    assert_eq!(results(&world, limited).await["results"].as_array().unwrap().len(), 3);
    let mut range = asked("fields n");
    range["startTime"] = json!(NOW / 1000 - 3);
    range["endTime"] = json!(NOW / 1000 - 2);
    assert_eq!(results(&world, range).await["results"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn results_have_pages() {
    let world = world().await;
    let id = world.ok("StartQuery", asked("fields n")).await["queryId"].clone();
    let (mut rows, mut token) = (0, None::<Value>);
    loop {
        let mut input = json!({"queryId": id, "maxItems": 4});
        if let Some(token) = &token {
            input["nextToken"] = token.clone();
        }
        let page = world.ok("GetQueryResults", input).await;
        if page["status"] == "Running" {
            tokio::task::yield_now().await;
            continue;
        }
        rows += page["results"].as_array().unwrap().len();
        token = page.get("nextToken").cloned();
        if token.is_none() {
            break;
        }
    }
    assert_eq!(rows, 6);
}

#[tokio::test]
async fn queries_are_listed() {
    let world = world().await;
    results(&world, asked("fields @message")).await;
    let listed = world.ok("DescribeQueries", json!({})).await;
    let id = listed["queries"][0]["queryId"].clone();
    assert_eq!(world.refused("StopQuery", json!({"queryId": id})).await, "InvalidParameterException");
    results(&world, asked("stats count(*)")).await;
    let all = world.ok("DescribeQueries", json!({"maxResults": 1})).await;
    assert_eq!(all["queries"][0]["queryString"], "stats count(*)");
    assert_eq!(all["queries"][0]["logGroupName"], "g");
    let next = world.ok("DescribeQueries", json!({"nextToken": all["nextToken"]})).await;
    assert_eq!(next["queries"][0]["queryId"], id);
    for (status, count) in [("Complete", 2), ("Running", 0)] {
        let found = world.ok("DescribeQueries", json!({"status": status})).await;
        assert_eq!(found["queries"].as_array().unwrap().len(), count, "{status}");
    }
    let other = world.ok("DescribeQueries", json!({"logGroupName": "h"})).await;
    assert_eq!(other["queries"], json!([]));
}

#[tokio::test]
async fn what_is_no_query_is_refused() {
    let world = world().await;
    let error = world.call("StartQuery", asked("fields n | nonsense")).await.unwrap_err();
    assert_eq!(error.schema.name, "MalformedQueryException");
    assert!(error.members.is_some());
    let with = |member: &str, value: Value| {
        let mut input = asked("fields n");
        input[member] = value;
        input
    };
    for (input, error) in [
        (with("logGroupName", json!("none")), "ResourceNotFoundException"),
        (with("logGroupNames", json!(["g"])), "InvalidParameterException"),
        (with("endTime", json!(1)), "InvalidParameterException"),
        (with("queryLanguage", json!("SQL")), "NotImplementedException"),
    ] {
        assert_eq!(world.refused("StartQuery", input.clone()).await, error, "{input}");
    }
    for operation in ["GetQueryResults", "StopQuery"] {
        assert_eq!(world.refused(operation, json!({"queryId": "none"})).await, "ResourceNotFoundException");
    }
}

#[tokio::test]
async fn queries_are_stopped_and_limited() {
    let world = World::new();
    let place = Place::of(&world.context());
    let queries = Queries::default();
    // Nothing is awaited here, so that no task has begun.
    let start = |id: String| {
        let asked = Asked {
            place: place.clone(),
            groups: Vec::new(),
            text: String::new(),
            query: Query::parse("fields @message").unwrap(),
            start: 0,
            end: NOW,
            now: NOW,
            limit: None,
            asker: "asker".into(),
        };
        queries.start(id, Arc::new(Repo::new(Arc::clone(&world.test.kernel))), asked)
    };
    for n in 0..30 {
        start(n.to_string()).unwrap();
    }
    assert_eq!(start("30".to_owned()).unwrap_err().schema.name, "LimitExceededException");
    assert!(queries.stop("7"));
    assert!(!queries.stop("7"));
    assert!(!queries.stop("none"));
    assert_eq!(queries.get(&place, "7").unwrap().status, QueryStatus::Cancelled);
    start("30".to_owned()).unwrap();
    assert_eq!(queries.list(&place).len(), 31);
}

#[tokio::test]
async fn queries_are_saved() {
    let world = World::new();
    let saved = json!({"name": "n", "queryString": "fields @message", "logGroupNames": ["g"]});
    let id = world.ok("PutQueryDefinition", saved).await["queryDefinitionId"].clone();
    let again = json!({"queryDefinitionId": id, "name": "m", "queryString": "fields x"});
    world.ok("PutQueryDefinition", again).await;
    let found = world.ok("DescribeQueryDefinitions", json!({"queryDefinitionNamePrefix": "m"})).await;
    let expected = json!([{
        "queryLanguage": "CWLI", "queryDefinitionId": id, "name": "m", "queryString": "fields x",
        "lastModified": NOW, "logGroupNames": [],
    }]);
    assert_eq!(found["queryDefinitions"], expected);
    assert_eq!(
        world.ok("DeleteQueryDefinition", json!({"queryDefinitionId": id})).await,
        json!({"success": true})
    );
    for operation in ["DeleteQueryDefinition", "PutQueryDefinition"] {
        let input = json!({"queryDefinitionId": id, "name": "m", "queryString": "q"});
        assert_eq!(world.refused(operation, input).await, "ResourceNotFoundException", "{operation}");
    }
}
