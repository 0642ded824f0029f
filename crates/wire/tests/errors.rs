//! Errors in each protocol's form.

use garrison_schema::{ApiError, ErrorSchema};
use garrison_wire::Codec;

use crate::synthetic::errors::{fault_exception, plain_exception, rich_exception};
use crate::synthetic::types::{Choice, RichException};
use crate::synthetic::{SERVICE, errors};

static ACCESS_DENIED: ErrorSchema = ErrorSchema {
    name: "AccessDeniedException",
    query_code: Some("AccessDenied"),
    http_status: 400,
    sender_fault: true,
};

fn body(codec: Codec, error: &ApiError) -> (u16, String) {
    let encoded = codec.encode_error(Some(&SERVICE), error, "req-1");
    (encoded.status, String::from_utf8_lossy(&encoded.bytes).into_owned())
}

#[test]
fn json_errors() {
    let rich =
        rich_exception("why").with_members(RichException { message: None, reason: Some(Choice::OneFish) });
    for (error, status, expected) in [
        (plain_exception("a \"b\"\n"), 409, r#"{"__type":"PlainException","message":"a \"b\"\n"}"#),
        (fault_exception(""), 500, r#"{"__type":"FaultException"}"#),
        (rich, 400, r#"{"__type":"RichException","message":"why","Reason":"ONE_FISH"}"#),
        (ApiError::new(&ACCESS_DENIED, "no"), 400, r#"{"__type":"AccessDeniedException","Message":"no"}"#),
    ] {
        assert_eq!(body(Codec::Json11, &error), (status, expected.to_owned()));
    }
    let encoded = Codec::Json10.encode_error(None, &fault_exception(""), "req-1");
    assert_eq!(encoded.headers, [("content-type", "application/x-amz-json-1.0")]);
}

#[test]
fn query_errors() {
    let open = r#"<ErrorResponse xmlns="https://synthetic.example/doc/2026-01-01/"><Error>"#;
    let close = "</Error><RequestId>req-1</RequestId></ErrorResponse>";
    for (error, status, expected) in [
        (
            plain_exception("a<b&\u{1}"),
            409,
            "<Type>Sender</Type><Code>Plain</Code><Message>a&lt;b&amp;\u{fffd}</Message>",
        ),
        (fault_exception("x"), 500, "<Type>Receiver</Type><Code>FaultException</Code><Message>x</Message>"),
        (
            ApiError::new(&ACCESS_DENIED, "no"),
            400,
            "<Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message>",
        ),
    ] {
        assert_eq!(body(Codec::Query, &error), (status, format!("{open}{expected}{close}")));
    }
    let nameless = Codec::Query.encode_error(None, &fault_exception(""), "r");
    assert!(nameless.bytes.starts_with(b"<ErrorResponse><Error>"));
    assert_eq!(nameless.headers, [("content-type", "text/xml")]);
}

#[test]
fn cbor_errors() {
    let encoded = Codec::RpcV2Cbor.encode_error(Some(&SERVICE), &plain_exception("m"), "req-1");
    assert_eq!(encoded.bytes, b"\xbf\x66__type\x6ePlainException\x67message\x61m\xff");
    assert_eq!(encoded.headers, [("content-type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")]);
    assert!(!encoded.sensitive);
}

#[test]
fn schemas_follow_the_model() {
    let codes: Vec<_> = [&errors::PLAIN_EXCEPTION, &errors::RICH_EXCEPTION, &errors::FAULT_EXCEPTION]
        .map(|schema| (schema.code(), schema.http_status, schema.sender_fault))
        .to_vec();
    assert_eq!(codes, [("Plain", 409, true), ("RichException", 400, true), ("FaultException", 500, false)]);
}
