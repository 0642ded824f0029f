//! Every way to fail, with AWS's code, status and message in each family of protocols.

use garrison_sigv4::{
    Authentication, Body, ErrorFamily, Expect, Payload, Request, SigError, Signer, SigningKey, sha256,
};
use garrison_types::Timestamp;

use crate::support::{Sent, at, secret};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const NOW: &str = "20260131T120000Z";

/// A request to `service`, signed by us; presigned for `expires` seconds when given.
fn signed(service: &str, expires: Option<u32>) -> Sent {
    let date = garrison_sigv4::AmzDate::parse(NOW.as_bytes()).unwrap();
    let key = SigningKey::derive(&secret(SECRET), date.day(), "eu-central-1", service).unwrap();
    let signer = Signer {
        access_key_id: "AKIDEXAMPLE",
        session_token: None,
        region: "eu-central-1",
        service,
        date,
        key: &key,
    };
    let mut sent = Sent::new("POST", "/", &[("host", "garrison.example")], b"{}");
    let payload =
        if service == "s3" && expires.is_some() { Payload::Unsigned } else { Payload::of(&sent.body) };
    if let Some(expires) = expires {
        sent.query = sent.with(|request| signer.presign(request, &payload, expires).unwrap());
    } else {
        let added = sent.with(|request| signer.sign(request, &payload).unwrap());
        added.iter().for_each(|(name, value)| sent.set(name, value));
    }
    sent
}

/// What the engine answers to `sent` at `now` where `service` is expected.
fn answer(sent: &Sent, service: &str, now: Timestamp) -> SigError {
    sent.with(|request| {
        let authentication = Authentication::parse(request)?.ok_or(SigError::Missing)?;
        let checked = authentication.check(now, &Expect { service, region: Some("eu-central-1") })?;
        let scope = &checked.authentication().scope;
        let key = SigningKey::derive(&secret(SECRET), &scope.day, &scope.region, &scope.service)?;
        checked.verify(Body::Bytes(&sent.body), &key).map(drop)
    })
    .expect_err("the request verifies")
}

fn check(error: &SigError, expected: &[(ErrorFamily, &str, u16, &str)]) {
    for (family, code, status, message) in expected {
        let got = (error.code(*family), error.status(*family), error.message(*family));
        assert_eq!(got, (*code, *status, (*message).into()), "{family:?} of {error:?}");
    }
}

fn set_authorization(sent: &mut Sent, change: impl Fn(&str) -> String) -> String {
    let value = sent.headers.iter().find(|(name, _)| name == "authorization").unwrap().1.clone();
    let changed = change(&String::from_utf8(value).unwrap());
    sent.set("authorization", &changed);
    base64_simd::STANDARD.encode_to_string(sha256(changed.as_bytes()))
}

use ErrorFamily::{Json, Query, RestJson, S3};

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
                        Secret Access Key and signing method. Consult the service documentation for details.";

#[test]
fn no_signature() {
    for headers in [&[][..], &[("Authorization", "Bearer x")], &[("Authorization", "AWS AKID:x")]] {
        let error = answer(&Sent::new("POST", "/", headers, b""), "kms", at(NOW));
        check(
            &error,
            &[
                (Json, "MissingAuthenticationTokenException", 400, "Missing Authentication Token"),
                (RestJson, "MissingAuthenticationTokenException", 403, "Missing Authentication Token"),
                (Query, "MissingAuthenticationToken", 403, "Request is missing Authentication Token"),
                (S3, "AccessDenied", 403, "Access Denied"),
            ],
        );
    }
}

#[test]
fn a_signature_of_something_else() {
    let mut sent = signed("kms", None);
    sent.body.push(b' ');
    check(
        &answer(&sent, "kms", at(NOW)),
        &[
            (Json, "InvalidSignatureException", 400, MISMATCH),
            (RestJson, "InvalidSignatureException", 403, MISMATCH),
            (Query, "SignatureDoesNotMatch", 403, MISMATCH),
            (
                S3,
                "SignatureDoesNotMatch",
                403,
                "The request signature we calculated does not match the signature you provided. Check your key and \
                 signing method.",
            ),
        ],
    );
    let mut sent = signed("kms", None);
    set_authorization(&mut sent, |value| value.replace("host;", "host;not-there;"));
    assert_eq!(answer(&sent, "kms", at(NOW)), SigError::Mismatch);
    let mut sent = signed("kms", None);
    set_authorization(&mut sent, |value| {
        let (start, signature) = value.split_once("Signature=").unwrap();
        format!("{start}Signature={}", signature.to_uppercase())
    });
    assert_eq!(answer(&sent, "kms", at(NOW)), SigError::Mismatch);
}

#[test]
fn stale_and_early_signatures() {
    let sent = signed("kms", None);
    let error = answer(&sent, "kms", at("20260131T121501Z"));
    let text = "Signature expired: 20260131T120000Z is now earlier than 20260131T120001Z (20260131T121501Z - 15 min.)";
    check(
        &error,
        &[
            (Json, "InvalidSignatureException", 400, text),
            (Query, "SignatureDoesNotMatch", 403, text),
            (
                S3,
                "RequestTimeTooSkewed",
                403,
                "The difference between the request time and the current time is too large.",
            ),
        ],
    );
    let error = answer(&sent, "kms", at("20260131T114459Z"));
    let text = "Signature not yet current: 20260131T120000Z is still later than 20260131T115959Z (20260131T114459Z + 15 min.)";
    check(
        &error,
        &[(Json, "InvalidSignatureException", 400, text), (Query, "SignatureDoesNotMatch", 403, text)],
    );
    for now in ["20260131T121500Z", "20260131T114500Z"] {
        sent.verify(&secret(SECRET), at(now)).expect("at the edge of the window");
    }
}

#[test]
fn presigned_requests_expire() {
    let sent = signed("s3", Some(60));
    check(&answer(&sent, "s3", at("20260131T120101Z")), &[(S3, "AccessDenied", 403, "Request has expired")]);
    check(
        &answer(&sent, "s3", at("20260131T110000Z")),
        &[(S3, "AccessDenied", 403, "Request is not yet valid")],
    );
    sent.verify(&secret(SECRET), at("20260131T120100Z")).expect("the last second");
    // STS takes no notice of the parameter.
    for (service, expires, last, after) in [
        ("sts", 60, "20260131T121500Z", "20260131T121501Z"),
        ("sts", 604_800, "20260131T121500Z", "20260131T121501Z"),
        ("kms", 60, "20260131T120100Z", "20260131T120101Z"),
        ("kms", 604_800, "20260207T120000Z", "20260207T120001Z"),
    ] {
        let sent = signed(service, Some(expires));
        sent.verify(&secret(SECRET), at(last)).expect(last);
        let error = answer(&sent, service, at(after));
        assert!(matches!(error, SigError::Expired(_)), "{service} {expires}: {error:?}");
    }
}

#[test]
fn the_life_of_a_presigned_request_is_bounded() {
    for (value, message) in [
        ("", "X-Amz-Expires should be a number"),
        ("1h", "X-Amz-Expires should be a number"),
        ("-1", "X-Amz-Expires must be non-negative"),
        ("0", "X-Amz-Expires must be non-negative"),
        (
            "604801",
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
             604800 seconds",
        ),
        (
            "99999999999999999999",
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
             604800 seconds",
        ),
    ] {
        let mut sent = signed("s3", Some(60));
        sent.query = sent.query.replace("X-Amz-Expires=60", &format!("X-Amz-Expires={value}"));
        check(&answer(&sent, "s3", at(NOW)), &[(S3, "AuthorizationQueryParametersError", 400, message)]);
    }
    let sent = signed("s3", Some(604_800));
    sent.verify(&secret(SECRET), at("20260207T120000Z")).expect("seven days");
    let mut sent = signed("s3", Some(60));
    sent.query = sent.query.replace("X-Amz-Expires=60&", "");
    assert_eq!(answer(&sent, "s3", at(NOW)), SigError::IncompleteQuery(vec!["X-Amz-Expires"]));
}

#[test]
fn incomplete_headers() {
    let mut sent = signed("kms", None);
    sent.remove("x-amz-date");
    let hash = set_authorization(&mut sent, |_| "AWS4-HMAC-SHA256".to_owned());
    let text = format!(
        "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. \
         Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a \
         'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) Authorization={hash}"
    );
    check(
        &answer(&sent, "kms", at(NOW)),
        &[
            (Json, "IncompleteSignatureException", 400, &text),
            (RestJson, "IncompleteSignatureException", 403, &text),
            (Query, "IncompleteSignature", 400, &text),
            (S3, "AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header"),
        ],
    );
    let mut sent = signed("kms", None);
    let hash = set_authorization(&mut sent, |value| value.replace("Credential=", "Credential: "));
    let text = format!(
        "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with \
         Base64): '{hash}'."
    );
    check(
        &answer(&sent, "kms", at(NOW)),
        &[
            (Json, "IncompleteSignatureException", 400, &text),
            (
                S3,
                "AuthorizationHeaderMalformed",
                400,
                "The authorization header is malformed; the authorization header requires three components: \
                 Credential, SignedHeaders, and Signature.",
            ),
        ],
    );
    let mut sent = signed("kms", None);
    let hash = set_authorization(&mut sent, |value| value.replace("AKIDEXAMPLE", "not valid"));
    assert_eq!(answer(&sent, "kms", at(NOW)), SigError::NotKeyValue { authorization_sha256: hash });
}

#[test]
fn incomplete_queries() {
    let mut sent = signed("sts", Some(60));
    sent.query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260131T120000Z".to_owned();
    check(
        &answer(&sent, "sts", at(NOW)),
        &[(
            Query,
            "IncompleteSignature",
            400,
            "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include \
             'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. Re-examine the \
             query-string parameters.",
        )],
    );
    let mut sent = signed("sts", Some(60));
    sent.query.push_str("&a=%zz");
    check(
        &answer(&sent, "sts", at(NOW)),
        &[
            (Query, "MalformedQueryString", 404, "The query string contains a syntax error."),
            (S3, "InvalidURI", 400, "Couldn't parse the specified URI."),
        ],
    );
    let mut sent = signed("sts", Some(60));
    sent.set("authorization", "AWS4-HMAC-SHA256 x");
    check(
        &answer(&sent, "sts", at(NOW)),
        &[(
            Json,
            "InvalidSignatureException",
            400,
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
        )],
    );
}

#[test]
fn the_scope() {
    let check_scope = |from: &str, to: &str, expected: &[(ErrorFamily, &str, u16, &str)]| {
        let mut sent = signed("kms", None);
        set_authorization(&mut sent, |value| value.replace(from, to));
        check(&answer(&sent, "kms", at(NOW)), expected);
    };
    let region = "Credential should be scoped to a valid region. ";
    check_scope(
        "eu-central-1",
        "us-east-1",
        &[
            (Json, "InvalidSignatureException", 400, region),
            (Query, "SignatureDoesNotMatch", 403, region),
            (
                S3,
                "AuthorizationHeaderMalformed",
                400,
                "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'",
            ),
        ],
    );
    check_scope("eu-central-1", "EU", &[(Json, "InvalidSignatureException", 400, region)]);
    check_scope(
        "/kms/",
        "/sts/",
        &[
            (
                Json,
                "InvalidSignatureException",
                400,
                "Credential should be scoped to correct service: 'kms'. ",
            ),
            (
                S3,
                "AuthorizationHeaderMalformed",
                400,
                "The authorization header is malformed; incorrect service \"sts\". This endpoint belongs to \"kms\".",
            ),
        ],
    );
    check_scope(
        "20260131/eu-central-1/kms/aws4_request",
        "20260130/a_b/sts/aws5_request",
        &[
            (
                Json,
                "InvalidSignatureException",
                400,
                "Credential should be scoped to a valid region. Credential should be scoped to correct service: \
                 'kms'. Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. Date \
                 in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260130' != \
                 '20260131', from '20260131T120000Z'.",
            ),
            (
                S3,
                "AuthorizationHeaderMalformed",
                400,
                "The authorization header is malformed; Invalid credential date \"20260130\". This date is not the \
                 same as X-Amz-Date: \"20260131\".",
            ),
        ],
    );
    let malformed = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
                     'AKIDEXAMPLE/20260131/eu-central-1/aws4_request'";
    check_scope(
        "/kms/",
        "/",
        &[
            (Json, "IncompleteSignatureException", 400, malformed),
            (
                S3,
                "AuthorizationHeaderMalformed",
                400,
                "The authorization header is malformed; the Credential is mal-formed; expecting \
                 \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
            ),
        ],
    );
}

#[test]
fn headers_that_must_be_signed() {
    let mut sent = signed("kms", None);
    set_authorization(&mut sent, |value| value.replace("host;", ""));
    let host = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
    let not_signed = "There were headers present in the request which were not signed";
    check(
        &answer(&sent, "kms", at(NOW)),
        &[(Json, "InvalidSignatureException", 400, host), (S3, "AccessDenied", 403, not_signed)],
    );
    let mut sent = signed("kms", None);
    sent.set("X-Amz-Target", "TrentService.Encrypt");
    let text = "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.";
    check(
        &answer(&sent, "kms", at(NOW)),
        &[(Json, "InvalidSignatureException", 400, text), (S3, "AccessDenied", 403, not_signed)],
    );
    let mut sent = signed("s3", Some(60));
    sent.set("x-amz-acl", "public-read");
    assert_eq!(answer(&sent, "s3", at(NOW)), SigError::HeadersNotSigned(vec!["x-amz-acl".to_owned()]));
    // Other headers need not be.
    let mut sent = signed("kms", None);
    sent.set("accept", "*/*");
    sent.verify(&secret(SECRET), at(NOW)).expect("accept is free");
}

#[test]
fn dates_and_algorithms() {
    let mut sent = signed("kms", None);
    sent.set("x-amz-date", "2026-01-31");
    let text = "Date must be in ISO-8601 'basic format'. Got '2026-01-31'. See http://en.wikipedia.org/wiki/ISO_8601";
    check(
        &answer(&sent, "kms", at(NOW)),
        &[
            (Json, "IncompleteSignatureException", 400, text),
            (S3, "AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header"),
        ],
    );
    let unsupported =
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
    for (algorithm, text) in [
        ("AWS4-HMAC-SHA25", "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25'."),
        (
            "AWS4-ECDSA-P256-SHA256",
            "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'. Signature Version 4A is not supported: sign with \
             AWS4-HMAC-SHA256.",
        ),
    ] {
        let mut sent = signed("kms", None);
        set_authorization(&mut sent, |value| value.replace("AWS4-HMAC-SHA256", algorithm));
        check(
            &answer(&sent, "kms", at(NOW)),
            &[(Json, "IncompleteSignatureException", 400, text), (S3, "InvalidRequest", 400, unsupported)],
        );
        let mut sent = signed("s3", Some(60));
        sent.query = sent.query.replace("AWS4-HMAC-SHA256", algorithm);
        assert_eq!(answer(&sent, "s3", at(NOW)), SigError::UnsupportedAlgorithm(algorithm.to_owned()));
    }
}

#[test]
fn payload_hashes() {
    let mut sent = signed("s3", None);
    sent.body.push(b' ');
    check(
        &answer(&sent, "s3", at(NOW)),
        &[(
            S3,
            "XAmzContentSHA256Mismatch",
            400,
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )],
    );
    let mut sent = signed("s3", None);
    sent.remove("x-amz-content-sha256");
    check(
        &answer(&sent, "s3", at(NOW)),
        &[(S3, "InvalidRequest", 400, "Missing required header for this request: x-amz-content-sha256")],
    );
    let mut sent = signed("s3", None);
    sent.set("x-amz-content-sha256", "STREAMING");
    let error = answer(&sent, "s3", at(NOW));
    assert_eq!((error.code(S3), error.status(S3)), ("InvalidArgument", 400));
    // Without a stated hash the body must be there.
    let error = signed("kms", None).verify_body(&secret(SECRET), at(NOW), Body::Later).unwrap_err();
    assert_eq!(error, SigError::ContentSha256Missing);
}

#[test]
fn keys_and_tokens() {
    let invalid = "The security token included in the request is invalid.";
    check(
        &SigError::UnknownAccessKey,
        &[
            (Json, "UnrecognizedClientException", 400, invalid),
            (RestJson, "UnrecognizedClientException", 403, invalid),
            (Query, "InvalidClientTokenId", 403, invalid),
            (
                S3,
                "InvalidAccessKeyId",
                403,
                "The AWS Access Key Id you provided does not exist in our records.",
            ),
        ],
    );
    check(
        &SigError::InvalidToken,
        &[
            (Json, "UnrecognizedClientException", 400, invalid),
            (Query, "InvalidClientTokenId", 403, invalid),
            (S3, "InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
        ],
    );
    let expired = "The security token included in the request is expired";
    check(
        &SigError::ExpiredToken,
        &[
            (Json, "ExpiredTokenException", 400, expired),
            (Query, "ExpiredToken", 403, expired),
            (S3, "ExpiredToken", 400, "The provided token has expired."),
        ],
    );
}

#[test]
fn sizes_are_bounded() {
    let mut sent = signed("kms", None);
    set_authorization(&mut sent, |value| format!("{value}{}", "x".repeat(9000)));
    assert_eq!(answer(&sent, "kms", at(NOW)), SigError::TooLong);
    let mut sent = signed("kms", None);
    set_authorization(&mut sent, |value| value.replace("host;", &"a;".repeat(101)));
    assert_eq!(answer(&sent, "kms", at(NOW)), SigError::TooLong);
    let mut sent = signed("kms", Some(60));
    sent.query = sent.query.replace("X-Amz-Signature=", &format!("X-Amz-Signature={}", "0".repeat(9000)));
    assert_eq!(answer(&sent, "kms", at(NOW)), SigError::TooLong);
}

#[test]
fn debug_hides_what_opens_doors() {
    let mut sent = signed("kms", None);
    sent.set("x-amz-security-token", "planted-token");
    let shown = sent.with(|request| format!("{:?}", Authentication::parse(request).unwrap().unwrap()));
    let signature = sent.headers.iter().find(|(name, _)| name == "authorization").unwrap();
    let signature = String::from_utf8(signature.1.clone()).unwrap();
    let signature = signature.rsplit_once('=').unwrap().1.to_owned();
    assert!(shown.contains("AKIDEXAMPLE") && !shown.contains("planted") && !shown.contains(&signature));
}

/// HTTP/2 has the authority where HTTP/1.1 has the host, and either may be signed under either name.
#[test]
fn the_authority_is_the_host() {
    let mut sent = signed("kms", None);
    let signed =
        |request: &Request<'_>| Authentication::parse(request).unwrap().unwrap().signed_headers().to_owned();
    assert_eq!(sent.with(signed), "host;x-amz-date");
    sent.remove("host");
    sent.set(":authority", "garrison.example");
    sent.verify(&secret(SECRET), at(NOW)).expect("the authority stands for the host");
    sent.set(":authority", "other.example");
    assert_eq!(answer(&sent, "kms", at(NOW)), SigError::Mismatch);
}
