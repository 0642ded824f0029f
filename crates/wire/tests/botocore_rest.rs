//! What botocore sends for every operation of S3, S3 Control and the synthetic REST model is read, and what it was
//! seen to read is written (`botocore_rest.py`).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken data file fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::task::{Context, Poll, Waker};

use base64_simd::STANDARD;
use garrison_schema::{
    ApiError, ByteStream, Bytes, EventStream, Operation, OperationSchema, ServiceSchema, Structure,
    WriteStructure,
};
use garrison_wire::rest::{RequestBody, RestCodec, RestHead, Routed, Routes};
use garrison_wire::{Answer, Body, Codec, JsonReader};
use serde_json::{Value, json};

use crate::rest::errors::gone_exception;
use crate::rest::types::{
    EndEvent, EverywhereResponse, ListenResponse, ListenStream, Nested, PieceEvent, PlainEvent,
    StreamMessage, ToldEvent,
};

const ID: &str = "11111111-2222-3333-4444-555555555555";

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("data/rest_requests.json")).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    STANDARD.decode_to_vec(value.as_str().unwrap_or_default()).unwrap()
}

/// The service of a case, and the protocol in which it is spoken there.
fn service(case: &Value) -> (&'static ServiceSchema, RestCodec) {
    match case["service"].as_str().unwrap() {
        "s3" => (&garrison_api_s3::SERVICE, RestCodec::S3),
        "s3control" => (&garrison_api_s3control::SERVICE, RestCodec::RestXml),
        "rest-xml" => (&crate::rest::SERVICE, RestCodec::RestXml),
        _ => (&crate::rest::SERVICE, RestCodec::RestJson),
    }
}

/// What a test does with an operation, whichever it is.
trait Visit {
    fn visit<O: Operation>(self, case: &Value) -> Value;
}

/// Calls the visitor with the operation of a case.
fn with_operation(case: &Value, visitor: impl Visit) -> Value {
    macro_rules! dispatch {
        ($($module:path => { $($name:ident)* })*) => {
            match (service(case).0.name, case["operation"].as_str().unwrap()) {
                $($((stringify!($module), stringify!($name)) => {
                    use $module as module;
                    visitor.visit::<module::operations::$name>(case)
                })*)*
                (service, operation) => panic!("{service} {operation} is missing in the test"),
            }
        };
    }
    use crate::rest;
    use garrison_api_s3 as s3;
    use garrison_api_s3control as s3control;
    dispatch! {
        s3 => {
            AbortMultipartUpload CompleteMultipartUpload CopyObject CreateBucket CreateMultipartUpload
            DeleteBucket DeleteBucketCors DeleteBucketEncryption DeleteBucketOwnershipControls
            DeleteBucketPolicy DeleteBucketTagging DeleteObject DeleteObjectTagging DeleteObjects
            DeletePublicAccessBlock GetBucketAcl GetBucketCors GetBucketEncryption GetBucketLocation
            GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus GetBucketTagging
            GetBucketVersioning GetObject GetObjectAcl GetObjectAttributes GetObjectTagging
            GetPublicAccessBlock HeadBucket HeadObject ListBuckets ListMultipartUploads ListObjectVersions
            ListObjects ListObjectsV2 ListParts PutBucketCors PutBucketEncryption PutBucketOwnershipControls
            PutBucketPolicy PutBucketTagging PutBucketVersioning PutObject PutObjectTagging
            PutPublicAccessBlock UploadPart UploadPartCopy
        }
        s3control => {
            DeletePublicAccessBlock GetPublicAccessBlock ListTagsForResource PutPublicAccessBlock
            TagResource UntagResource
        }
        rest => {
            Document Everywhere Listen Raw Select Stream Words
        }
    }
}

struct ReadInput;

impl Visit for ReadInput {
    fn visit<O: Operation>(self, case: &Value) -> Value {
        let (service, codec) = service(case);
        let request = &case["request"];
        let headers: Vec<(String, Vec<u8>)> =
            serde_json::from_value::<Vec<(String, String)>>(request["headers"].clone())
                .unwrap()
                .into_iter()
                .map(|(name, text)| (name, text.into_bytes()))
                .collect();
        let headers: Vec<(&str, &[u8])> = headers.iter().map(|(n, v)| (n.as_str(), v.as_slice())).collect();
        let text = |key: &str| request[key].as_str().unwrap();
        let head = RestHead::new(text("method"), text("path"), text("query"), &headers, None).unwrap();
        let is_built = |operation: &OperationSchema| {
            !garrison_api_s3::NOT_BUILT.iter().any(|(name, _)| *name == operation.name)
        };
        let routed = Routes::new(service, is_built).unwrap().find(&head).unwrap();
        assert_eq!(routed.operation, O::SCHEMA.name);
        let body = Bytes::from(bytes(&request["body"]));
        let mut reader = codec.reader(&head, &routed, RequestBody::Bytes(body));
        let input = O::Input::read(&mut reader, O::SCHEMA.input_member).unwrap();
        let issues = garrison_schema::Reader::issues(&mut reader);
        assert!(issues.missing().is_empty(), "{}: {:?}", O::SCHEMA.name, issues.missing());
        codec.check(&input, issues).unwrap();
        to_json::<O>(&input)
    }
}

/// The value with its names on the wire.
fn to_json<O: Operation>(value: &dyn WriteStructure) -> Value {
    let encoded = Codec::Json11.encode_output(&garrison_api_s3::SERVICE, O::SCHEMA, value, ID);
    serde_json::from_slice(&encoded.bytes).unwrap()
}

struct WriteOutput;

impl Visit for WriteOutput {
    fn visit<O: Operation>(self, case: &Value) -> Value {
        let (service, codec) = service(case);
        let json = serde_json::to_vec(&case["output"]).unwrap();
        let mut output =
            O::Output::read(&mut JsonReader::new(&json).unwrap(), O::SCHEMA.output_member).unwrap();
        let any: &mut dyn std::any::Any = &mut output;
        if let Some(output) = any.downcast_mut::<ListenResponse>() {
            output.events = Some(EventStream::new(Few(events().into())));
        }
        if let Some(output) = any.downcast_mut::<StreamMessage>() {
            output.bytes = Some(ByteStream::from(b"\0\x01\xfe\xff".to_vec()));
        }
        if let Some(output) = any.downcast_mut::<EverywhereResponse>() {
            output.status = Some(299);
        }
        if let Some(output) = any.downcast_mut::<garrison_api_s3::types::GetObjectOutput>() {
            output.body = Some(ByteStream::from(b"\0\x01\xfe\xff".to_vec()));
        }
        to_value(codec.encode_output(service, O::SCHEMA, &output, ID))
    }
}

/// The synthetic event stream, which ends with an exception.
fn events() -> Vec<Result<ListenStream, ApiError>> {
    let nested = Nested { text: Some("a<b".to_owned()), flag: Some(true), kind: None };
    let empty = ListenStream::default;
    vec![
        Ok(ListenStream {
            piece: Some(PieceEvent { number: Some(7), data: Some(vec![0, 1].into()) }),
            ..empty()
        }),
        Ok(ListenStream { told: Some(ToldEvent { details: Some(nested) }), ..empty() }),
        Ok(ListenStream {
            plain: Some(PlainEvent { text: Some("t".to_owned()), count: Some(3) }),
            ..empty()
        }),
        Ok(ListenStream { end: Some(EndEvent {}), ..empty() }),
        Err(gone_exception("it is gone")),
        Ok(empty()),
    ]
}

/// A stream of what is there.
pub(crate) struct Few<T>(pub(crate) std::collections::VecDeque<T>);

impl<T: Unpin> futures_core::Stream for Few<T> {
    type Item = T;

    fn poll_next(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(self.0.pop_front())
    }
}

/// All bytes of a stream.
pub(crate) fn drain(stream: &ByteStream) -> Vec<u8> {
    let mut pieces = stream.take().unwrap();
    let mut context = Context::from_waker(Waker::noop());
    let mut all = Vec::new();
    while let Poll::Ready(Some(piece)) = pieces.as_mut().poll_next(&mut context) {
        all.extend_from_slice(&piece.unwrap());
    }
    all
}

fn to_value(answer: Answer) -> Value {
    let body = match &answer.body {
        Body::Bytes(bytes) => bytes.clone(),
        Body::Stream(stream) => drain(stream),
    };
    json!({"status": answer.status, "headers": answer.headers, "body": STANDARD.encode_to_string(body)})
}

#[test]
fn requests_of_botocore_are_read() {
    for case in cases() {
        let found = with_operation(&case, ReadInput);
        assert_eq!(found, case["input"], "{} {}", case["service"], case["operation"]);
    }
}

#[test]
fn answers_are_those_that_botocore_read() {
    let key = |case: &Value| {
        format!("{} {}", case["service"].as_str().unwrap(), case["operation"].as_str().unwrap())
    };
    let answers: BTreeMap<String, Value> =
        cases().iter().map(|case| (key(case), with_operation(case, WriteOutput))).collect();
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rest_answers.json");
    let expected = std::fs::read_to_string(expected).unwrap_or_else(|_| "{}".to_owned());
    let expected: BTreeMap<String, Value> = serde_json::from_str(&expected).unwrap();
    if answers != expected {
        let changed = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rest_answers.json");
        std::fs::write(&changed, serde_json::to_vec(&answers).unwrap()).unwrap();
        panic!("give {} to botocore_rest.py", changed.display());
    }
}

#[test]
fn every_operation_is_covered() {
    let covered: BTreeSet<_> = cases()
        .iter()
        .map(|case| (service(case).0.name, case["operation"].as_str().unwrap().to_owned()))
        .collect();
    let built =
        |name: &'static str, ops: Vec<&'static str>| ops.into_iter().map(move |op| (name, op.to_owned()));
    let all: BTreeSet<_> = built("s3", garrison_api_s3::Op::ALL.iter().map(|op| op.name()).collect())
        .chain(built("s3control", garrison_api_s3control::Op::ALL.iter().map(|op| op.name()).collect()))
        .chain(built("rest", crate::rest::Op::ALL.iter().map(|op| op.name()).collect()))
        .collect();
    assert_eq!(covered, all);
}

#[test]
fn a_routed_request_keeps_its_labels() {
    let routes = Routes::new(&garrison_api_s3::SERVICE, |_| true).unwrap();
    let head = RestHead::new("GET", "//b%2F/c d%C3%A9", "", &[], Some("a.bucket")).unwrap();
    let labels = vec![("Bucket", "a.bucket".to_owned()), ("Key", "/b//c d\u{e9}".to_owned())];
    assert_eq!(routes.find(&head).unwrap(), Routed { operation: "GetObject", labels });
}
