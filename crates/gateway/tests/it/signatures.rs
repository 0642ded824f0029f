//! Who is let in, and what those who are not are told.

use std::time::Duration;

use garrison_testkit::{Answer, Client, KEY, Key, Version};
use http::Method;

use crate::fakes::{FORM, IDENTITY, JSON, World};

async fn json(client: &mut Client, key: Key) -> Answer {
    client.call(key, "cloudtrail", &JSON, b"{}").await
}

fn code(answer: &Answer) -> String {
    match answer.header("content-type") {
        "text/xml" => {
            answer.text().split(['<', '>']).skip_while(|part| *part != "Code").nth(1).unwrap().to_owned()
        }
        _ => answer.json()["__type"].as_str().unwrap().to_owned(),
    }
}

#[tokio::test]
async fn each_way_to_fail_has_its_error_in_each_protocol() {
    let world = World::start().await;
    let mut client = world.server.client(Version::One).await;
    let wrong = Key { secret: "another", ..KEY };
    let unknown = Key { id: "AKIAUNKNOWN", ..KEY };
    for (key, in_json, in_xml) in [
        (wrong, (400, "InvalidSignatureException"), (403, "SignatureDoesNotMatch")),
        (unknown, (400, "UnrecognizedClientException"), (403, "InvalidClientTokenId")),
    ] {
        let answer = json(&mut client, key).await;
        assert_eq!((answer.status.as_u16(), code(&answer).as_str()), in_json);
        let answer = client.call(key, "sts", &FORM, IDENTITY).await;
        assert_eq!((answer.status.as_u16(), code(&answer).as_str()), in_xml);
    }
}

#[tokio::test]
async fn a_request_without_a_signature_is_refused() {
    let world = World::start().await;
    let mut client = world.server.client(Version::Two).await;
    let request = client.request(&Method::POST, "/", &JSON, b"{}");
    let answer = client.send(request).await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), code(&answer).as_str()),
        (400, "MissingAuthenticationTokenException")
    );
    let request = client.request(&Method::POST, "/", &FORM, IDENTITY);
    let answer = client.send(request).await.unwrap();
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (403, "MissingAuthenticationToken"));
}

#[tokio::test]
async fn a_body_that_was_changed_does_not_pass() {
    let world = World::start().await;
    let mut client = world.server.client(Version::One).await;
    let signed = client.sign(KEY, "cloudtrail", "/", &JSON, b"{}");
    let mut headers = JSON.to_vec();
    headers.extend(signed.iter().map(|(name, value)| (*name, value.as_str())));
    let request = client.request(&Method::POST, "/", &headers, b"{ }");
    let answer = client.send(request).await.unwrap();
    assert_eq!(code(&answer), "InvalidSignatureException");
}

#[tokio::test]
async fn a_signature_for_another_service_or_time_does_not_pass() {
    let world = World::start().await;
    let mut client = world.server.client(Version::One).await;
    let answer = client.call(KEY, "kms", &JSON, b"{}").await;
    assert_eq!(code(&answer), "InvalidSignatureException");
    assert!(
        answer.text().contains("Credential should be scoped to correct service: 'cloudtrail'"),
        "{}",
        answer.text()
    );
    // The client's clock stands still while the server's goes on.
    world.server.world.clock.tick(Duration::from_secs(16 * 60));
    let answer = json(&mut client, KEY).await;
    assert_eq!(code(&answer), "InvalidSignatureException");
    assert!(answer.text().contains("Signature expired"), "{}", answer.text());
}

#[tokio::test]
async fn an_access_key_that_is_taken_unverified_passes_with_any_secret() {
    let world = World::start().await;
    let mut client = world.server.client(Version::One).await;
    let answer = json(&mut client, Key { id: "unverified", secret: "whatever" }).await;
    assert_eq!(answer.status.as_u16(), 200);
    let with_token = [JSON[0], JSON[1], ("x-amz-security-token", "any")];
    let answer =
        client.call(Key { id: "unverified", secret: "whatever" }, "cloudtrail", &with_token, b"{}").await;
    assert_eq!(code(&answer), "UnrecognizedClientException");
}
