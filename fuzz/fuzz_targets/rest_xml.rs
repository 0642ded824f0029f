//! restXml: any head and body are read or refused, and what was read of a body, written and read again, is the same.
//!
//! An input is a path, a query string, the value of some headers and a body, with zero bytes between.
#![no_main]

use garrison_api_s3::operations::{
    CopyObject, DeleteObjects, GetBucketLifecycleConfiguration, GetBucketNotificationConfiguration, PutBucketAcl,
};
use garrison_api_s3::SERVICE;
use garrison_schema::{Bytes, Operation, Reader, Structure, WriteStructure};
use garrison_wire::rest::{RequestBody, RestCodec, RestHead, Routed, Routes};
use garrison_wire::{Body, Codec};
use libfuzzer_sys::fuzz_target;

fn request<O: Operation>(head: &RestHead<'_>, routed: &Routed, body: &Bytes) {
    let mut reader = RestCodec::S3.reader(head, routed, RequestBody::Bytes(body.clone()));
    let Ok(input) = O::Input::read(&mut reader, O::SCHEMA.input_member) else { return };
    let _ = RestCodec::S3.check(&input, reader.issues());
}

fn output<O: Operation>(head: &RestHead<'_>, routed: &Routed, body: Bytes) -> Option<(O::Output, Bytes)> {
    let mut reader = RestCodec::S3.reader(head, routed, RequestBody::Bytes(body));
    let output = O::Output::read(&mut reader, O::SCHEMA.output_member).ok()?;
    match RestCodec::S3.encode_output(&SERVICE, O::SCHEMA, &output, "id").body {
        Body::Bytes(bytes) => Some((output, Bytes::from(bytes))),
        Body::Stream(_) => None,
    }
}

fn json(value: &dyn WriteStructure, operation: &'static garrison_schema::OperationSchema) -> Vec<u8> {
    Codec::Json11.encode_output(&SERVICE, operation, value, "id").bytes
}

fn again<O: Operation>(head: &RestHead<'_>, routed: &Routed, body: Bytes) {
    let Some((first, written)) = output::<O>(head, routed, body) else { return };
    let (second, rewritten) = output::<O>(head, routed, written.clone()).expect("what was written is read");
    assert_eq!(json(&first, O::SCHEMA), json(&second, O::SCHEMA));
    assert_eq!(written, rewritten);
}

fuzz_target!(|input: &[u8]| {
    let mut parts = input.splitn(4, |byte| *byte == 0);
    let mut part = || parts.next().unwrap_or_default();
    let (path, query, value, body) = (part(), part(), part(), Bytes::copy_from_slice(part()));
    let (Ok(path), Ok(query)) = (std::str::from_utf8(path), std::str::from_utf8(query)) else { return };
    let headers = ["x-amz-meta-a", "x-amz-object-lock-retain-until-date", "x-amz-copy-source", "x-amz-acl"];
    let headers = headers.map(|name| (name, value));
    let Ok(head) = RestHead::new("PUT", path, query, &headers, None) else { return };
    let routes = Routes::new(&SERVICE, |_| true).expect("S3 speaks restXml");
    if let Ok(routed) = routes.find(&head) {
        request::<CopyObject>(&head, &routed, &body);
    }
    let routed = Routed { operation: "", labels: Vec::new() };
    request::<DeleteObjects>(&head, &routed, &body);
    request::<PutBucketAcl>(&head, &routed, &body);
    let Ok(bare) = RestHead::new("GET", "/", "", &[], None) else { return };
    again::<GetBucketLifecycleConfiguration>(&bare, &routed, body.clone());
    again::<GetBucketNotificationConfiguration>(&bare, &routed, body);
});
