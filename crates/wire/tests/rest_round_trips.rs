//! What is written into an answer is read again from the same places, for every operation of S3 and S3 Control; and no
//! bytes make a reader panic.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failure fails the test")]

use std::collections::BTreeMap;

use garrison_api_s3 as s3;
use garrison_schema::{Bytes, Kind, Location, Member, Operation, OperationSchema, Reader, Shape, Structure};
use garrison_wire::event_stream::{HeaderValue, Message};
use garrison_wire::rest::{RequestBody, RestCodec, RestHead, Routed, Routes};
use garrison_wire::{Body, Codec, JsonReader};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::rest;

/// Makes values of any shape out of random numbers.
struct Maker<'a>(&'a mut dyn Iterator<Item = u32>);

impl Maker<'_> {
    fn number(&mut self, below: u32) -> u32 {
        self.0.next().unwrap_or_default() % below
    }

    fn text(&mut self, in_head: bool) -> String {
        let letters = if in_head { "ab/+=.-_%&<>'" } else { "ab <>&\"'\t\n\r]é\u{10ffff}\u{85}" };
        let letters: Vec<char> = letters.chars().collect();
        let length = self.number(6);
        // A header is trimmed, and is not there when it is empty.
        let start = if in_head { "x" } else { "" };
        let count = u32::try_from(letters.len()).unwrap_or(1);
        start.chars().chain((0..length).map(|_| letters[self.number(count) as usize])).collect()
    }

    fn value(&mut self, member: &'static Member, depth: usize, in_head: bool) -> Value {
        let shape = member.shape();
        match &shape.kind {
            Kind::Boolean => json!(self.number(2) == 0),
            Kind::Integer => json!(self.number(u32::MAX).cast_signed()),
            Kind::Long => json!((i64::from(self.number(u32::MAX)) << 20) - (1 << 50)),
            Kind::Float | Kind::Double => json!(f64::from(self.number(1000)) / 8.0),
            Kind::String => json!(self.text(in_head)),
            Kind::Enum(values) => {
                json!(values[self.number(u32::try_from(values.len()).unwrap_or(1)) as usize])
            }
            Kind::Blob => json!(base64_simd::STANDARD.encode_to_string(self.text(false))),
            Kind::Timestamp => json!(self.number(u32::MAX)),
            Kind::Document => json!({"any": self.number(9)}),
            Kind::List(element) => {
                // A flattened list without items is not there.
                let length = 1 + self.number(3);
                Value::from((0..length).map(|_| self.value(element, depth + 1, in_head)).collect::<Vec<_>>())
            }
            Kind::Map(_, value) => {
                let keys = ["one", "two"].into_iter().take(1 + self.number(2) as usize);
                keys.map(|key| (key.to_owned(), self.value(value, depth + 1, in_head)))
                    .collect::<Map<_, _>>()
                    .into()
            }
            Kind::Structure { .. } => self.structure(shape, depth),
        }
    }

    fn structure(&mut self, shape: &'static Shape, depth: usize) -> Value {
        let mut object = Map::new();
        for member in shape.members() {
            let skip = member.streaming
                || member.shape().event_stream
                // The status is not read again; a label and a parameter do not stand in an answer.
                || (depth == 0 && matches!(member.location, Location::StatusCode | Location::Uri(_) | Location::QueryString(_)))
                || (!member.required && self.number(4) == 0)
                || depth > 6;
            if !skip {
                // An empty body is absent too.
                let in_head = depth == 0 && member.location != Location::Body;
                object.insert(member.wire().to_owned(), self.value(member, depth + 1, in_head));
            }
        }
        object.into()
    }
}

fn to_json(schema: &'static OperationSchema, value: &dyn garrison_schema::WriteStructure) -> Value {
    let encoded = Codec::Json11.encode_output(&s3::SERVICE, schema, value, "id");
    serde_json::from_slice(&encoded.bytes).unwrap_or_default()
}

/// Writes a random output, and reads it from the answer.
fn round_trip<O: Operation>(codec: RestCodec, numbers: &mut dyn Iterator<Item = u32>) {
    let json = Maker(numbers).structure((O::SCHEMA.output)(), 0);
    let bytes = serde_json::to_vec(&json).unwrap();
    let output = O::Output::read(&mut JsonReader::new(&bytes).unwrap(), O::SCHEMA.output_member).unwrap();
    let expected = to_json(O::SCHEMA, &output);
    let service = if codec == RestCodec::S3 { &s3::SERVICE } else { &rest::SERVICE };
    let answer = codec.encode_output(service, O::SCHEMA, &output, "id");
    let headers: Vec<(&str, &[u8])> =
        answer.headers.iter().map(|(name, value)| (name.as_ref(), value.as_bytes())).collect();
    let head = RestHead::new(O::SCHEMA.http_method, "/", "", &headers, None).unwrap();
    let Body::Bytes(body) = answer.body else { return };
    let routed = Routed { operation: O::SCHEMA.name, labels: Vec::new() };
    let mut reader = codec.reader(&head, &routed, RequestBody::Bytes(Bytes::from(body)));
    let read = O::Output::read(&mut reader, O::SCHEMA.output_member).unwrap();
    assert_eq!(to_json(O::SCHEMA, &read), expected, "{}", O::SCHEMA.name);
}

macro_rules! round_trips {
    ($codec:expr, $numbers:expr, $module:ident: $($name:ident)*) => {
        $(round_trip::<$module::operations::$name>($codec, $numbers);)*
    };
}

fn random() -> impl Strategy<Value = Vec<u32>> {
    vec(any::<u32>(), 200..2000)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn s3_reads_its_own_answers(numbers in random()) {
        let mut numbers = numbers.into_iter().cycle();
        // GetBucketLocation's answer is no structure.
        round_trips!(RestCodec::S3, &mut numbers, s3:
            CompleteMultipartUpload CopyObject CreateBucket CreateMultipartUpload DeleteObject DeleteObjects
            GetBucketAcl GetBucketCors GetBucketEncryption GetBucketOwnershipControls GetBucketPolicyStatus
            GetBucketTagging GetBucketVersioning GetObjectAcl GetObjectAttributes GetObjectTagging
            GetPublicAccessBlock HeadBucket HeadObject ListBuckets ListMultipartUploads ListObjectVersions
            ListObjects ListObjectsV2 ListParts PutObject UploadPart UploadPartCopy);
    }

    #[test]
    fn both_protocols_read_their_own_answers(numbers in random()) {
        let mut numbers = numbers.into_iter().cycle();
        round_trips!(RestCodec::RestXml, &mut numbers, rest: Document Everywhere Words);
        round_trips!(RestCodec::RestJson, &mut numbers, rest: Document Everywhere Words);
    }
}

/// Reads a request of any bytes with an operation's reader.
fn read<O: Operation>(codec: RestCodec, path: &str, query: &str, headers: &[(&str, &[u8])], body: &[u8]) {
    let Ok(head) = RestHead::new(O::SCHEMA.http_method, path, query, headers, None) else { return };
    let labels = vec![("Bucket", "b".to_owned()), ("Key", path.to_owned())];
    let routed = Routed { operation: O::SCHEMA.name, labels };
    let mut reader = codec.reader(&head, &routed, RequestBody::Bytes(Bytes::copy_from_slice(body)));
    if let Ok(input) = O::Input::read(&mut reader, O::SCHEMA.input_member) {
        let _ = codec.check(&input, reader.issues());
    }
}

const XML: [&[u8]; 24] = [
    b"<Delete>",
    b"</Delete>",
    b"<Object>",
    b"</Object>",
    b"<Key>",
    b"</Key>",
    b"<a:Key x='",
    b"'/>",
    b"<",
    b">",
    b"&amp;",
    b"&#x41;",
    b"&",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"<?xml?>",
    b"\xff",
    b" ",
    b"<Rule><Filter>",
    b"<ID/>",
    b"<CORSConfiguration>",
    b"true",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_request_is_routed_or_refused(
        path in "[/a-c%0-9+é{}]{0,12}",
        query in "[a-z=&%+;-]{0,20}",
        method in prop::sample::select(vec!["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", ""]),
    ) {
        for service in [&s3::SERVICE, &garrison_api_s3control::SERVICE, &rest::SERVICE] {
            if let Ok(head) = RestHead::new(method, &path, &query, &[], None) {
                let _ = Routes::new(service, |_| true).unwrap().find(&head);
            }
        }
    }

    #[test]
    fn any_head_and_body_are_read_or_refused(
        query in "[a-z0-9=&%+]{0,30}",
        value in vec(any::<u8>(), 0..20),
        body in vec(any::<u8>(), 0..100),
        pieces in vec(prop::sample::select(XML.to_vec()), 0..30),
    ) {
        let headers: Vec<(&str, &[u8])> = ["x-numbers", "x-dates", "x-texts", "x-json", "x-meta-a", "x-since", "x-ratio"]
            .into_iter()
            .chain(["x-amz-meta-a", "x-amz-object-lock-retain-until-date", "content-length", "x-amz-acl"])
            .map(|name| (name, value.as_slice()))
            .collect();
        let xml = pieces.concat();
        for body in [&body, &xml] {
            read::<s3::operations::DeleteObjects>(RestCodec::S3, "/b", &query, &headers, body);
            read::<s3::operations::PutBucketCors>(RestCodec::S3, "/b", &query, &headers, body);
            read::<s3::operations::PutObject>(RestCodec::S3, "/b/k", &query, &headers, body);
            read::<rest::operations::Everywhere>(RestCodec::RestXml, "/things/a/b", &query, &headers, body);
            read::<rest::operations::Everywhere>(RestCodec::RestJson, "/things/a/b", &query, &headers, body);
        }
    }

    #[test]
    fn any_bytes_are_a_message_or_refused(bytes in vec(any::<u8>(), 0..64), cut in any::<u8>(), flip in any::<u8>()) {
        let _ = Message::decode(&bytes);
        let message = Message { headers: vec![("h".to_owned(), HeaderValue::Bytes(bytes.clone()))], payload: bytes };
        let encoded = message.encode().unwrap();
        prop_assert_eq!(Message::decode(&encoded).unwrap(), Some((message, encoded.len())));
        let (short, _) = encoded.split_at(usize::from(cut) % encoded.len());
        prop_assert_eq!(Message::decode(short).unwrap(), None);
        let mut wrong = encoded.clone();
        let at = usize::from(flip) % wrong.len();
        wrong[at] ^= 1;
        prop_assert!(Message::decode(&wrong).is_err());
    }
}

#[test]
fn messages_have_the_forms_of_the_specification() {
    let headers = vec![
        ("t".to_owned(), HeaderValue::Boolean(true)),
        ("f".to_owned(), HeaderValue::Boolean(false)),
        ("1".to_owned(), HeaderValue::Byte(-1)),
        ("2".to_owned(), HeaderValue::Short(-2)),
        ("4".to_owned(), HeaderValue::Integer(-4)),
        ("8".to_owned(), HeaderValue::Long(-8)),
        ("s".to_owned(), HeaderValue::Text("é".to_owned())),
        ("w".to_owned(), HeaderValue::Timestamp(garrison_types::Timestamp::from_millis(1))),
        ("u".to_owned(), HeaderValue::Uuid([7; 16])),
    ];
    let message = Message { headers, payload: b"{}".to_vec() };
    let bytes = message.encode().unwrap();
    assert_eq!(Message::decode(&[bytes.as_slice(), b"next"].concat()).unwrap(), Some((message, bytes.len())));
    // The empty message of the specification's test vectors.
    let empty = Message::default().encode().unwrap();
    assert_eq!(empty, b"\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2\x48\xeb\x7d\x98\xc8\xff");
    let long = |headers: BTreeMap<String, HeaderValue>, payload: usize| {
        Message { headers: headers.into_iter().collect(), payload: vec![0; payload] }.encode().is_err()
    };
    assert!(long(BTreeMap::new(), (16 << 20) + 1));
    assert!(long([("n".repeat(256), HeaderValue::Boolean(true))].into(), 0));
    assert!(long([("n".to_owned(), HeaderValue::Bytes(vec![0; 65_536]))].into(), 0));
}
