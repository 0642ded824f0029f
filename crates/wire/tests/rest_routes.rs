//! From requests to the operations of S3 and S3 Control, and what S3 says when there is none.

#![allow(clippy::unwrap_used, reason = "a failure fails the test")]

use garrison_schema::{
    ByteStream, Bytes, Operation, OperationSchema, ReadError, Reader, Structure, WriteStructure,
};
use garrison_wire::rest::{Refused, RequestBody, RestCodec, RestHead, Routes};
use garrison_wire::{Answer, Body};

use garrison_api_s3::operations::{
    CreateBucket, DeleteObjects, GetBucketLocation, GetObject, HeadObject, ListObjectsV2,
    PutBucketVersioning, PutObject,
};
use garrison_api_s3::types::{BucketLocationConstraint, GetBucketLocationOutput, HeadObjectOutput};

use crate::botocore_rest::drain;

fn s3() -> Routes {
    let is_built = |operation: &OperationSchema| {
        !garrison_api_s3::NOT_BUILT.iter().any(|(name, _)| *name == operation.name)
    };
    Routes::new(&garrison_api_s3::SERVICE, is_built).unwrap()
}

type Headers<'a> = &'a [(&'a str, &'a [u8])];

#[test]
fn of_two_operations_in_one_place_the_built_one_answers() {
    for name in ["GetBucketLifecycle", "GetBucketLifecycleConfiguration"] {
        let routes =
            Routes::new(&garrison_api_s3::SERVICE, |operation: &OperationSchema| operation.name == name);
        let head = RestHead::new("GET", "/b", "lifecycle", &[], None).unwrap();
        assert_eq!(routes.unwrap().find(&head).unwrap().operation, name);
    }
}

#[test]
fn requests_find_their_operations() {
    let routes = s3();
    let source: Headers<'_> = &[("x-amz-copy-source", b"/b/k")];
    for (method, path, query, headers, expected) in [
        ("GET", "/", "", &[][..], "ListBuckets"),
        ("GET", "/", "x-id=ListBuckets", &[], "ListBuckets"),
        ("PUT", "/b", "", &[], "CreateBucket"),
        ("PUT", "/b/", "", &[], "CreateBucket"),
        ("HEAD", "/b", "", &[], "HeadBucket"),
        ("GET", "/b", "", &[], "ListObjects"),
        ("GET", "/b", "list-type=1", &[], "ListObjects"),
        ("GET", "/b/", "list-type=2&prefix=", &[], "ListObjectsV2"),
        ("GET", "/b", "prefix=a&X-Amz-Signature=00", &[], "ListObjects"),
        ("GET", "/b", "versions", &[], "ListObjectVersions"),
        ("GET", "/b", "versions=", &[], "ListObjectVersions"),
        ("GET", "/b", "uploads", &[], "ListMultipartUploads"),
        ("GET", "/b", "location", &[], "GetBucketLocation"),
        ("GET", "/b", "analytics&id=a", &[], "GetBucketAnalyticsConfiguration"),
        ("GET", "/b", "analytics", &[], "ListBucketAnalyticsConfigurations"),
        ("DELETE", "/b", "", &[], "DeleteBucket"),
        ("DELETE", "/b", "policy", &[], "DeleteBucketPolicy"),
        // It must not delete the bucket.
        ("DELETE", "/b", "analytics", &[], "DeleteBucketAnalyticsConfiguration"),
        ("POST", "/b", "delete", &[], "DeleteObjects"),
        ("PUT", "/b/k", "", &[], "PutObject"),
        ("PUT", "/b/k", "x-id=PutObject", &[], "PutObject"),
        ("PUT", "/b/k", "", source, "CopyObject"),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", &[], "UploadPart"),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", source, "UploadPartCopy"),
        ("PUT", "/b/k", "tagging", &[], "PutObjectTagging"),
        ("GET", "/b/k/", "", &[], "GetObject"),
        ("GET", "/b//", "", &[], "GetObject"),
        ("GET", "/b/k", "uploadId=u", &[], "ListParts"),
        ("GET", "/b/k", "attributes", &[], "GetObjectAttributes"),
        ("HEAD", "/b/k", "versionId=1", &[], "HeadObject"),
        ("DELETE", "/b/k", "", &[], "DeleteObject"),
        ("DELETE", "/b/k", "uploadId=u", &[], "AbortMultipartUpload"),
        ("POST", "/b/k", "uploads", &[], "CreateMultipartUpload"),
        ("POST", "/b/k", "uploadId=u", &[], "CompleteMultipartUpload"),
        ("POST", "/b/k", "select&select-type=2", &[], "SelectObjectContent"),
    ] {
        let head = RestHead::new(method, path, query, headers, None).unwrap();
        assert_eq!(routes.find(&head).unwrap().operation, expected, "{method} {path}?{query}");
        if let Some(rest) = path.strip_prefix("/b") {
            let hosted =
                RestHead::new(method, if rest.is_empty() { "/" } else { rest }, query, headers, Some("b"));
            let hosted = hosted.unwrap();
            assert_eq!(routes.find(&hosted).unwrap().operation, expected, "{method} {path}?{query}, by host");
        }
    }
    for (method, path, error) in [
        ("PATCH", "/b", "MethodNotAllowed"),
        ("POST", "/", "MethodNotAllowed"),
        ("GET", "/b/%ff", "InvalidURI"),
        ("GET", "/b/%", "InvalidURI"),
    ] {
        let head = RestHead::new(method, path, "", &[], None).unwrap();
        assert_eq!(routes.find(&head).unwrap_err().schema.name, error, "{method} {path}");
    }
    assert!(RestHead::new("GET", "/", "a=%", &[], None).is_err());
    assert!(RestHead::new("GET", "/", &"a&".repeat(1001), &[], None).is_err());
}

#[test]
fn the_control_plane_has_paths_of_its_own() {
    let routes = Routes::new(&garrison_api_s3control::SERVICE, |_| true).unwrap();
    assert_eq!(routes.codec(), RestCodec::RestXml);
    let arn = "/v20180820/tags/arn%3Aaws%3As3%3A%3A%3Ab";
    for (method, path, expected, labels) in [
        ("GET", "/v20180820/configuration/publicAccessBlock", "GetPublicAccessBlock", 0),
        ("DELETE", "/v20180820/configuration/publicAccessBlock", "DeletePublicAccessBlock", 0),
        ("GET", arn, "ListTagsForResource", 1),
        ("POST", arn, "TagResource", 1),
    ] {
        let head = RestHead::new(method, path, "", &[], None).unwrap();
        let routed = routes.find(&head).unwrap();
        assert_eq!((routed.operation, routed.labels.len()), (expected, labels));
    }
    let head = RestHead::new("GET", "/bucket", "", &[], None).unwrap();
    assert_eq!(routes.find(&head).unwrap_err().schema.http_status, 404);
    assert!(Routes::new(&garrison_api_kms::SERVICE, |_| true).is_none());
}

/// Reads a request of S3, with what the model says is missing in it.
fn read<O: Operation>(
    path: &str,
    query: &str,
    headers: Headers<'_>,
    body: RequestBody,
) -> Result<(O::Input, Result<(), &'static str>), ReadError> {
    let head = RestHead::new(O::SCHEMA.http_method, path, query, headers, None)?;
    let routed = s3().find(&head).unwrap();
    assert_eq!(routed.operation, O::SCHEMA.name);
    let mut reader = RestCodec::S3.reader(&head, &routed, body);
    let input = O::Input::read(&mut reader, O::SCHEMA.input_member)?;
    let checked = RestCodec::S3.check(&input, reader.issues()).map_err(|error| error.schema.name);
    Ok((input, checked))
}

fn whole(body: &str) -> RequestBody {
    RequestBody::Bytes(Bytes::from(body.to_owned()))
}

#[test]
fn bodies_are_xml_with_or_without_a_namespace() {
    for body in [
        "<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object><Object><Key> b</Key></Object></Delete>",
        "<?xml version=\"1.0\"?>\n<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n <Object>\n  <Key>a</Key>\n  <More/>\n</Object><Unknown><Key>x</Key></Unknown><Object><Key> b</Key></Object><Quiet> true </Quiet></Delete>\n",
    ] {
        let (input, checked) = read::<DeleteObjects>("/b", "delete", &[], whole(body)).unwrap();
        let keys: Vec<_> = input.delete.objects.iter().map(|object| object.key.as_str()).collect();
        assert_eq!((keys, input.delete.quiet, checked), (vec!["a", " b"], Some(true), Ok(())));
    }
    for (body, refused) in [
        ("", Some("MissingRequestBodyError")),
        ("<Delete/>", Some("MalformedXML")),
        ("<Delete><Object/></Delete>", Some("MalformedXML")),
        ("<Delete><Object><Key>a</Key></Object></Delete>", None),
    ] {
        let (_, checked) = read::<DeleteObjects>("/b", "delete", &[], whole(body)).unwrap();
        assert_eq!(checked.err(), refused, "{body}");
    }
    let unreadable = |body| read::<DeleteObjects>("/b", "delete", &[], whole(body)).map(|_| ()).unwrap_err();
    for body in ["x", "<Delete>", "<Delete><Quiet>maybe</Quiet></Delete>"] {
        assert_eq!(RestCodec::S3.unreadable(unreadable(body)).schema.name, "MalformedXML");
    }
    let versioning = "<VersioningConfiguration><Status>Sometimes</Status></VersioningConfiguration>";
    let (_, checked) = read::<PutBucketVersioning>("/b", "versioning", &[], whole(versioning)).unwrap();
    assert_eq!(checked, Err("MalformedXML"));
    // The values of headers, and locations that are none, are left to the operations.
    let location = "<CreateBucketConfiguration><LocationConstraint>mars</LocationConstraint></CreateBucketConfiguration>";
    let (input, checked) = read::<CreateBucket>("/b", "", &[("x-amz-acl", b"odd")], whole(location)).unwrap();
    assert_eq!((checked, input.acl.unwrap().as_str()), (Ok(()), "odd"));
}

#[test]
fn metadata_and_streamed_bodies() {
    let headers: Headers<'_> = &[
        ("content-type", b"text/plain"),
        ("x-amz-meta-One", b" 1 "),
        ("x-amz-meta-two", b"\xe9"),
        ("x-amz-meta-two", "\u{e9}".as_bytes()),
        ("x-amz-meta-", b"nameless"),
    ];
    let (input, _) =
        read::<PutObject>("/b/k", "", headers, RequestBody::Stream(ByteStream::from(b"abc".to_vec())))
            .unwrap();
    let body = input.body.clone().unwrap();
    assert_eq!((body.length(), drain(&body)), (Some(3), b"abc".to_vec()));
    assert!(input.body.unwrap().take().is_none());
    let metadata: Vec<_> = input.metadata.unwrap().into_iter().collect();
    assert_eq!(
        metadata,
        [("one".to_owned(), "1".to_owned()), ("two".to_owned(), "\u{e9},\u{e9}".to_owned())]
    );
    let refused = |query| {
        let error = read::<ListObjectsV2>("/b", query, &[], whole("")).map(|_| ()).unwrap_err();
        let error = RestCodec::S3.unreadable(error);
        (error.schema.name, error.message)
    };
    let message = "Provided max-keys not an integer or within integer range".to_owned();
    assert_eq!(refused("list-type=2&max-keys=blah"), ("InvalidArgument", message));
    let (input, _) = read::<ListObjectsV2>("/b", "list-type=2&max-keys=&prefix=", &[], whole("")).unwrap();
    assert_eq!((input.max_keys, input.prefix.as_deref()), (None, Some("")));
}

fn text(answer: &Answer) -> &str {
    match &answer.body {
        Body::Bytes(bytes) => std::str::from_utf8(bytes).unwrap(),
        Body::Stream(_) => "",
    }
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
}

fn encode<O: Operation>(output: &dyn WriteStructure) -> Answer {
    RestCodec::S3.encode_output(&garrison_api_s3::SERVICE, O::SCHEMA, output, "id")
}

#[test]
fn a_location_stands_alone() {
    let open = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    for (location, text_of) in [(None, ""), (Some(BucketLocationConstraint::EuWest1), "eu-west-1")] {
        let answer = encode::<GetBucketLocation>(&GetBucketLocationOutput { location_constraint: location });
        assert_eq!(text(&answer), format!("{open}{text_of}</LocationConstraint>"));
        assert_eq!(header(&answer, "content-type"), Some("application/xml"));
    }
}

#[test]
fn heads_have_headers_alone() {
    let metadata = [("Name".to_owned(), "\u{e9}\r\n".to_owned()), ("empty".to_owned(), String::new())];
    let output = HeadObjectOutput {
        content_length: Some(5),
        e_tag: Some("\"e\"".to_owned()),
        last_modified: Some(garrison_types::Timestamp::from_seconds(0)),
        metadata: Some(metadata.into_iter().collect()),
        ..HeadObjectOutput::default()
    };
    let answer = encode::<HeadObject>(&output);
    assert_eq!((answer.status, text(&answer)), (200, ""));
    for (name, value) in [
        ("content-length", Some("5")),
        ("etag", Some("\"e\"")),
        ("last-modified", Some("Thu, 01 Jan 1970 00:00:00 GMT")),
        ("x-amz-meta-name", Some("=?UTF-8?B?w6kNCg==?=")),
        ("x-amz-meta-empty", Some("")),
        ("x-amz-request-id", Some("id")),
        ("content-type", None),
    ] {
        assert_eq!(header(&answer, name), value, "{name}");
    }
}

#[test]
fn errors_have_s3s_form() {
    let error = garrison_api_s3::errors::no_such_key("The specified key does not exist.");
    let refused = |is_head| Refused { request_id: "id", resource: "/b/a&b", is_head };
    let answer = RestCodec::S3.encode_error(Some(&garrison_api_s3::SERVICE), &error, &refused(false));
    assert_eq!(
        text(&answer),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Resource>/b/a&amp;b</Resource><RequestId>id</RequestId><HostId>aWQ=</HostId></Error>"
    );
    assert_eq!((answer.status, header(&answer, "x-amz-id-2")), (404, Some("aWQ=")));
    let answer = RestCodec::S3.encode_error(Some(&garrison_api_s3::SERVICE), &error, &refused(true));
    assert_eq!((answer.status, text(&answer)), (404, ""));
    let gone = || {
        crate::rest::errors::gone_exception("over").with_members(crate::rest::types::GoneException {
            message: None,
            since: Some("then".to_owned()),
            reason: Some("age".to_owned()),
        })
    };
    let answer = RestCodec::RestXml.encode_error(Some(&crate::rest::SERVICE), &gone(), &refused(false));
    assert_eq!(
        text(&answer),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ErrorResponse xmlns=\"https://synthetic.example/rest/\"><Error><Type>Sender</Type><Code>GoneException</Code><Message>over</Message><Reason>age</Reason></Error><RequestId>id</RequestId><HostId>aWQ=</HostId></ErrorResponse>"
    );
    assert_eq!((answer.status, header(&answer, "x-since")), (410, Some("then")));
    let answer = RestCodec::RestJson.encode_error(Some(&crate::rest::SERVICE), &gone(), &refused(false));
    assert_eq!(text(&answer), r#"{"__type":"GoneException","message":"over","Reason":"age"}"#);
    assert_eq!(header(&answer, "x-amzn-errortype"), Some("GoneException"));
    assert_eq!(header(&answer, "x-since"), Some("then"));
}

#[test]
fn what_the_model_says_of_bodies() {
    assert_eq!(PutObject::SCHEMA.streaming_input().map(|member| member.name), Some("Body"));
    assert!(GetObject::SCHEMA.streaming_input().is_none());
    let checksum = PutObject::SCHEMA.http.checksum.unwrap();
    assert_eq!((checksum.request_algorithm, checksum.request_required), (Some("ChecksumAlgorithm"), false));
    assert!(crate::rest::Op::Raw.schema().http.unsigned_payload);
    assert_eq!(crate::rest::Op::Listen.schema().event_output().map(|member| member.name), Some("Events"));
}
