//! The operator's paths.

use garrison_testkit::{Answer, Client, KEY, Version};
use http::Method;

use crate::fakes::{JSON, World};

async fn ask(
    client: &mut Client,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let request = client.request(&method, path, headers, body.as_bytes());
    client.send(request).await.unwrap()
}

#[tokio::test]
async fn health_and_metrics_tell_of_services_and_calls() {
    let world = World::start().await;
    let mut client = world.server.client(Version::One).await;
    client.call(KEY, "cloudtrail", &JSON, b"{}").await;
    client.call(KEY, "cloudtrail", &JSON, b"[").await;
    let health = ask(&mut client, Method::GET, "/_garrison/health", &[], "").await;
    assert_eq!(health.status.as_u16(), 200);
    assert_eq!(health.json()["status"], "ok");
    assert_eq!(health.json()["services"]["cloudtrail"]["operations"], 1);
    assert_eq!(health.json()["store"]["status"], "ok");
    let metrics = ask(&mut client, Method::GET, "/_garrison/metrics", &[], "").await;
    for line in [
        r#"garrison_requests_total{service="cloudtrail",operation="LookupEvents",code="OK"} 1"#,
        r#"garrison_requests_total{service="cloudtrail",operation="LookupEvents",code="SerializationException"} 1"#,
        "garrison_connections 1",
    ] {
        assert!(metrics.text().lines().any(|l| l == line), "{line}\n{}", metrics.text());
    }
    assert!(metrics.text().contains("process_resident_memory_bytes "));
}

#[tokio::test]
async fn the_clock_moves_and_reset_empties() {
    let world = World::start().await;
    let mut client = world.server.client(Version::One).await;
    let moved = ask(&mut client, Method::POST, "/_garrison/clock", &[], r#"{"advance":"30d"}"#).await;
    assert_eq!(moved.json()["offsetSeconds"], 30 * 86_400);
    let clock = ask(&mut client, Method::GET, "/_garrison/clock", &[], "").await;
    assert_eq!(clock.json(), moved.json());
    assert_eq!(ask(&mut client, Method::POST, "/_garrison/reset", &[], "").await.status.as_u16(), 200);
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let world = World::start().await;
    let mut client = world.server.client(Version::One).await;
    for (method, path, headers, body, status) in [
        (Method::POST, "clock", vec![], "", 400),
        (Method::POST, "clock", vec![], r#"{"advance":"-1d"}"#, 400),
        (Method::POST, "clock", vec![], r#"{"advance":5}"#, 400),
        (Method::POST, "clock", vec![("origin", "https://example.com")], r#"{"advance":"1d"}"#, 403),
        (Method::POST, "reset", vec![("origin", "null")], "", 403),
        (Method::GET, "reset", vec![], "", 405),
        (Method::DELETE, "health", vec![], "", 405),
        (Method::GET, "secrets", vec![], "", 404),
        (Method::GET, "", vec![], "", 404),
    ] {
        let answer = ask(&mut client, method.clone(), &format!("/_garrison/{path}"), &headers, body).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path} {body}");
    }
}
