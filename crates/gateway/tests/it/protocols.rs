//! Every protocol, over both versions of HTTP: answers, errors, request ids.

use garrison_testkit::{ACCOUNT, Answer, KEY, Version};
use http::{Method, StatusCode};
use serde_json::json;

use crate::fakes::{FORM, IDENTITY, JSON, TARGET, World};

const CBOR: [(&str, &str); 3] = [
    ("content-type", "application/cbor"),
    ("accept", "application/cbor"),
    ("smithy-protocol", "rpc-v2-cbor"),
];
const CBOR_PATH: &str = "/service/CloudTrail_20131101/operation/LookupEvents";

fn is_request_id(text: &str) -> bool {
    text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}

fn check_head(answer: &Answer, status: u16, content_type: &str) {
    assert_eq!(answer.status.as_u16(), status, "{:?}", answer.body);
    assert_eq!(answer.header("content-type"), content_type);
    assert!(is_request_id(answer.header("x-amzn-requestid")));
    assert!(answer.header("date").ends_with(" GMT"));
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
}

#[tokio::test]
async fn json_is_served_over_both_versions_of_http() {
    let world = World::start().await;
    for version in [Version::One, Version::Two] {
        let mut client = world.server.client(version).await;
        let answer = client.call(KEY, "cloudtrail", &JSON, br#"{"NextToken":"abc"}"#).await;
        check_head(&answer, 200, "application/x-amz-json-1.1");
        assert_eq!(answer.json()["NextToken"], "abc");
        assert_eq!(answer.json()["Events"][0]["EventName"], format!("arn:aws:iam::{ACCOUNT}:root"));
        // The same connection serves further requests, in the other version of the protocol, too.
        let older = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", TARGET)];
        let answer = client.call(KEY, "cloudtrail", &older, b"{}").await;
        check_head(&answer, 200, "application/x-amz-json-1.0");
    }
}

#[tokio::test]
async fn json_errors_have_their_form() {
    let world = World::start().await;
    let mut client = world.server.client(Version::One).await;
    for (target, body, status, code, message) in [
        (TARGET, r#"{"NextToken":5"#, 400, "SerializationException", ""),
        (TARGET, r#"{"MaxResults":51}"#, 400, "ValidationException", "1 validation error detected"),
        ("Elsewhere_20131101.Nothing", "{}", 400, "UnknownOperationException", "no service"),
        (&TARGET.replace("LookupEvents", "Nothing"), "{}", 400, "UnknownOperationException", "Nothing"),
        (&TARGET.replace("LookupEvents", "CreateTrail"), "{}", 501, "NotImplementedException", "CreateTrail"),
        (TARGET, r#"{"NextToken":"panic"}"#, 500, "InternalFailure", "internal"),
    ] {
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
        let answer = client.call(KEY, "cloudtrail", &headers, body.as_bytes()).await;
        check_head(&answer, status, "application/x-amz-json-1.1");
        assert_eq!(answer.json()["__type"], code, "{target} {body}");
        if code != "InternalFailure" {
            assert!(answer.text().contains(message), "{}", answer.text());
        }
        assert!(!answer.text().contains("as asked"), "a panic's message is not the caller's business");
    }
}

#[tokio::test]
async fn a_form_is_answered_in_xml() {
    let world = World::start().await;
    let mut client = world.server.client(Version::One).await;
    let answer = client.call(KEY, "sts", &FORM, IDENTITY).await;
    check_head(&answer, 200, "text/xml");
    let text = answer.text();
    assert!(
        text.contains("<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"),
        "{text}"
    );
    assert!(text.contains(&format!("<Account>{ACCOUNT}</Account>")), "{text}");
    assert!(
        text.contains(&format!("<RequestId>{}</RequestId>", answer.header("x-amzn-requestid"))),
        "{text}"
    );
}

#[tokio::test]
async fn a_presigned_get_carries_its_form_in_the_url() {
    let world = World::start().await;
    let mut client = world.server.client(Version::One).await;
    let query = client.presign(KEY, "sts", "Action=GetCallerIdentity&Version=2011-06-15");
    let request = client.request(&Method::GET, &format!("/?{query}"), &[], b"");
    let answer = client.send(request).await.unwrap();
    check_head(&answer, 200, "text/xml");
    assert!(answer.text().contains(ACCOUNT));
    let tampered = query.replace("X-Amz-Expires=60", "X-Amz-Expires=61");
    let request = client.request(&Method::GET, &format!("/?{tampered}"), &[], b"");
    let answer = client.send(request).await.unwrap();
    check_head(&answer, 403, "text/xml");
    assert!(answer.text().contains("<Code>SignatureDoesNotMatch</Code>"));
}

#[tokio::test]
async fn query_errors_have_their_form() {
    let world = World::start().await;
    let mut client = world.server.client(Version::One).await;
    for (form, status, code, message) in [
        (
            "Action=Nothing&Version=2011-06-15",
            400,
            "InvalidAction",
            "Could not find operation Nothing for version 2011-06-15",
        ),
        ("Action=GetCallerIdentity&Version=1999-01-01", 400, "InvalidAction", "for version 1999-01-01"),
        ("Action=AssumeRole&Version=2011-06-15", 501, "NotImplemented", "AssumeRole"),
        ("", 400, "InvalidAction", "names no operation"),
    ] {
        let answer = client.call(KEY, "sts", &FORM, form.as_bytes()).await;
        check_head(&answer, status, "text/xml");
        let text = answer.text();
        assert!(text.contains(&format!("<Code>{code}</Code>")) && text.contains(message), "{form}: {text}");
        assert!(text.contains(answer.header("x-amzn-requestid")), "{text}");
    }
}

#[tokio::test]
async fn cbor_is_found_by_its_path() {
    let world = World::start().await;
    for version in [Version::One, Version::Two] {
        let mut client = world.server.client(version).await;
        // {"NextToken": "abc"}
        let body = b"\xa1\x69NextToken\x63abc";
        let answer = client.post(KEY, "cloudtrail", CBOR_PATH, &CBOR, body).await;
        check_head(&answer, 200, "application/cbor");
        assert_eq!(answer.header("smithy-protocol"), "rpc-v2-cbor");
        assert!(answer.body.windows(14).any(|bytes| bytes == b"\x69NextToken\x63abc"), "{:?}", answer.body);
        let path = CBOR_PATH.replace("LookupEvents", "Nothing");
        let answer = client.post(KEY, "cloudtrail", &path, &CBOR, body).await;
        check_head(&answer, 400, "application/cbor");
        assert!(String::from_utf8_lossy(&answer.body).contains("UnknownOperationException"));
    }
}

#[tokio::test]
async fn a_target_in_absolute_form_is_served() {
    let world = World::start().await;
    let mut client = world.server.client(Version::One).await;
    let host = world.server.address.to_string();
    let signed = client.sign(KEY, "sts", "/", &FORM, IDENTITY);
    let mut headers = FORM.to_vec();
    headers.extend(signed.iter().map(|(name, value)| (*name, value.as_str())));
    let request = client.request(&Method::POST, &format!("http://{host}/"), &headers, IDENTITY);
    let answer = client.send(request).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

#[tokio::test]
async fn a_refused_call_is_in_the_audit_log() {
    let world = World::start().await;
    let mut client = world.server.client(Version::One).await;
    let answer = client.call(KEY, "cloudtrail", &JSON, br#"{"MaxResults":51}"#).await;
    let kernel = &world.server.world.kernel;
    let query = garrison_store::AuditQuery {
        account: ACCOUNT.parse().unwrap(),
        region: garrison_testkit::REGION.parse().unwrap(),
        from: garrison_types::Timestamp::from_seconds(0),
        to: kernel.clock().now(),
        attribute: None,
        limit: 10,
        after: None,
    };
    let page = kernel.audit().lookup(&query).await.unwrap();
    let record: serde_json::Value = serde_json::from_slice(&page.records[0].json).unwrap();
    assert_eq!(record["eventName"], "LookupEvents");
    assert_eq!(record["errorCode"], "ValidationException");
    assert_eq!(record["requestParameters"], json!({ "maxResults": 51 }));
    assert_eq!(record["requestID"], answer.header("x-amzn-requestid"));
}
