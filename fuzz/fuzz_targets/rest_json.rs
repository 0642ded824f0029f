//! restJson1: any query string, header and body are read or refused.
//!
//! An input is a query string, the value of some headers and a body, with zero bytes between. No service that is built
//! speaks the protocol yet: operations of S3, which have members at every place, stand in.
#![no_main]

use garrison_api_s3::operations::{GetObjectAttributes, ListObjectsV2, PutBucketLifecycleConfiguration};
use garrison_schema::{Bytes, Operation, Reader, Structure};
use garrison_wire::rest::{RequestBody, RestCodec, RestHead, Routed};
use libfuzzer_sys::fuzz_target;

fn request<O: Operation>(head: &RestHead<'_>, body: &Bytes) {
    let routed = Routed { operation: O::SCHEMA.name, labels: vec![("Bucket", "b".to_owned())] };
    let mut reader = RestCodec::RestJson.reader(head, &routed, RequestBody::Bytes(body.clone()));
    let Ok(input) = O::Input::read(&mut reader, O::SCHEMA.input_member) else { return };
    let _ = RestCodec::RestJson.check(&input, reader.issues());
}

fuzz_target!(|input: &[u8]| {
    let mut parts = input.splitn(3, |byte| *byte == 0);
    let mut part = || parts.next().unwrap_or_default();
    let (query, value, body) = (part(), part(), Bytes::copy_from_slice(part()));
    let Ok(query) = std::str::from_utf8(query) else { return };
    let headers = ["x-amz-object-attributes", "x-amz-max-parts", "x-amz-optional-object-attributes"];
    let headers = headers.map(|name| (name, value));
    let Ok(head) = RestHead::new("GET", "/b", query, &headers, None) else { return };
    request::<ListObjectsV2>(&head, &body);
    request::<GetObjectAttributes>(&head, &body);
    request::<PutBucketLifecycleConfiguration>(&head, &body);
});
