//! Signatures that AWS has published.
//!
//! Sources: AWS's Signature Version 4 test suite (the names `get-vanilla` and so on); IAM User Guide, "Create a signed
//! AWS API request"; S3 API Reference, "Authenticating Requests: Using the Authorization Header" and "… Using Query
//! Parameters".

use garrison_sigv4::Verified;

use crate::support::{Sent, at, secret};

/// Name, method, target, headers besides host and date, body, signed headers, signature.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static str,
    &'static str,
);

/// All of the suite's requests go to `example.amazonaws.com` at 20150830T123600Z, for us-east-1 and `service`.
const SUITE: &[Row] = &[
    (
        "get-vanilla",
        "GET",
        "/",
        &[],
        "",
        "host;x-amz-date",
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ),
    (
        "get-slash-dot-slash",
        "GET",
        "/./",
        &[],
        "",
        "host;x-amz-date",
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ),
    (
        "get-relative-relative",
        "GET",
        "/example1/example2/../..",
        &[],
        "",
        "host;x-amz-date",
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ),
    (
        "get-vanilla-query-order-key-case",
        "GET",
        "/?Param2=value2&Param1=value1",
        &[],
        "",
        "host;x-amz-date",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    (
        "get-header-value-trim",
        "GET",
        "/",
        &[("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
        "",
        "host;my-header1;my-header2;x-amz-date",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    (
        "get-header-key-duplicate",
        "GET",
        "/",
        &[("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")],
        "",
        "host;my-header1;x-amz-date",
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    ),
    (
        "get-unreserved",
        "GET",
        "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        &[],
        "",
        "host;x-amz-date",
        "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
    ),
    (
        "get-utf8",
        "GET",
        "/\u{1234}",
        &[],
        "",
        "host;x-amz-date",
        "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
    ),
    (
        "post-vanilla",
        "POST",
        "/",
        &[],
        "",
        "host;x-amz-date",
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ),
    (
        "post-x-www-form-urlencoded",
        "POST",
        "/",
        &[("Content-Type", "application/x-www-form-urlencoded")],
        "Param1=value1",
        "content-type;host;x-amz-date",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
];

#[test]
fn the_test_suite_verifies() {
    let secret = secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    for (name, method, target, headers, body, signed, signature) in SUITE {
        let mut sent = Sent::new(method, target, headers, body.as_bytes());
        sent.set("Host", "example.amazonaws.com");
        sent.set("X-Amz-Date", "20150830T123600Z");
        sent.set(
            "Authorization",
            &format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                 SignedHeaders={signed}, Signature={signature}"
            ),
        );
        let verified = sent.verify(&secret, at("20150830T123600Z"));
        assert!(matches!(verified, Ok(Verified::Complete)), "{name}: {verified:?}");
    }
}

#[test]
fn the_iam_example_verifies() {
    let mut sent = Sent::new(
        "GET",
        "/?Action=ListUsers&Version=2010-05-08",
        &[
            ("Host", "iam.amazonaws.com"),
            ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
            ("X-Amz-Date", "20150830T123600Z"),
        ],
        b"",
    );
    sent.set(
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date, \
         Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    );
    let verified = sent.verify(&secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), at("20150830T123600Z"));
    assert!(matches!(verified, Ok(Verified::Complete)), "{verified:?}");
}

const S3_SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The S3 examples go to `examplebucket.s3.amazonaws.com` at 20130524T000000Z.
const S3: &[Row] = &[
    (
        "GET object",
        "GET",
        "/test.txt",
        &[("Range", "bytes=0-9"), ("x-amz-content-sha256", EMPTY)],
        "",
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ),
    (
        "PUT object",
        "PUT",
        "/test%24file.text",
        &[
            ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
        ],
        "Welcome to Amazon S3.",
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ),
    (
        "GET bucket lifecycle",
        "GET",
        "/?lifecycle",
        &[("x-amz-content-sha256", EMPTY)],
        "",
        "host;x-amz-content-sha256;x-amz-date",
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ),
    (
        "list objects",
        "GET",
        "/?max-keys=2&prefix=J",
        &[("x-amz-content-sha256", EMPTY)],
        "",
        "host;x-amz-content-sha256;x-amz-date",
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
];

#[test]
fn the_s3_examples_verify() {
    for (name, method, target, headers, body, signed, signature) in S3 {
        let mut sent = Sent::new(method, target, headers, body.as_bytes());
        sent.set("Host", "examplebucket.s3.amazonaws.com");
        sent.set("x-amz-date", "20130524T000000Z");
        sent.set(
            "Authorization",
            &format!(
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
                 SignedHeaders={signed},Signature={signature}"
            ),
        );
        let verified = sent.verify(&secret(S3_SECRET), at("20130524T000000Z"));
        assert!(matches!(verified, Ok(Verified::Complete)), "{name}: {verified:?}");
    }
}

#[test]
fn the_presigned_s3_example_verifies_for_a_day() {
    let sent = Sent::new(
        "GET",
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1\
         %2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&\
         X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
        &[("Host", "examplebucket.s3.amazonaws.com")],
        b"",
    );
    let secret = secret(S3_SECRET);
    for now in ["20130524T000000Z", "20130524T120000Z", "20130525T000000Z"] {
        let verified = sent.verify(&secret, at(now));
        assert!(matches!(verified, Ok(Verified::UnsignedBody)), "{now}: {verified:?}");
    }
    assert!(sent.verify(&secret, at("20130525T000001Z")).is_err());
}
