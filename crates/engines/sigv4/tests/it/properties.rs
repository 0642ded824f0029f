//! What holds for every request.

use garrison_sigv4::{AmzDate, Authentication, Body, Expect, Payload, Request, Signer, SigningKey, Verified};
use garrison_types::Timestamp;
use proptest::prelude::*;

use crate::support::{Sent, secret};

const SERVICES: [&str; 4] = ["kms", "s3", "sts", "lambda"];

/// A path or query component as a client sends it: unreserved characters and escapes.
fn component() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            4 => "[a-zA-Z0-9._~-]",
            1 => any::<u8>().prop_map(|byte| format!("%{byte:02X}")),
        ],
        1..8,
    )
    .prop_map(|parts| parts.concat())
}

fn request() -> impl Strategy<Value = Sent> {
    let path = proptest::collection::vec(component(), 0..4).prop_map(|s| format!("/{}", s.join("/")));
    let query = proptest::collection::vec((component(), component()), 0..5).prop_map(|pairs| {
        let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    });
    let headers = proptest::collection::vec(("[a-zA-Z][a-zA-Z0-9-]{0,10}", "[ -~\t]{0,30}"), 0..6);
    (prop::sample::select(vec!["GET", "POST", "PUT"]), path, query, headers, any::<Vec<u8>>()).prop_map(
        |(method, path, query, headers, body)| {
            let mut sent = Sent::new(method, "", &[], &body);
            (sent.path, sent.query) = (path, query);
            sent.headers = headers.into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
            for name in ["authorization", "date", "host", "x-amz-date", "x-amz-content-sha256"] {
                sent.remove(name);
            }
            sent.set("Host", "garrison.example:4566");
            sent
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_signed_verifies(
        mut sent in request(),
        service in prop::sample::select(SERVICES.to_vec()),
        token in proptest::option::of("[A-Za-z0-9+/=]{1,40}"),
        seconds in 0_i64..4_000_000_000,
        expires in proptest::option::of(1_u32..604_800),
        spoil in any::<bool>(),
    ) {
        let secret = secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let now = Timestamp::from_seconds(seconds);
        let date = AmzDate::new(now);
        let key = SigningKey::derive(&secret, date.day(), "eu-central-1", service).unwrap();
        let signer = Signer {
            access_key_id: "AKIDEXAMPLE",
            session_token: token.as_deref(),
            region: "eu-central-1",
            service,
            date,
            key: &key,
        };
        let body_signed = expires.is_none() || service != "s3";
        let payload = if body_signed { Payload::of(&sent.body) } else { Payload::Unsigned };
        if let Some(expires) = expires {
            sent.query = sent.with(|request| signer.presign(request, &payload, expires).unwrap());
        } else {
            let added = sent.with(|request| signer.sign(request, &payload).unwrap());
            added.iter().for_each(|(name, value)| sent.set(name, value));
        }
        let expected = if body_signed { "Complete" } else { "UnsignedBody" };
        prop_assert_eq!(format!("{:?}", sent.verify(&secret, now)), format!("Ok({expected})"));
        if spoil {
            sent.set("host", "garrison.example:4567");
        } else {
            sent.body.push(0);
        }
        prop_assert_eq!(sent.verify(&secret, now).is_ok(), !spoil && !body_signed);
    }

    #[test]
    fn foreign_bytes_never_panic(
        method in "\\PC{0,8}",
        path in "\\PC{0,40}",
        query in prop_oneof!["\\PC{0,80}", "(X-Amz-(Algorithm|Credential|Signature|SignedHeaders|Date|Expires)=[a-z0-9A-Z%/;-]{0,20}&){0,8}"],
        authorization in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..80),
            "AWS4-HMAC-SHA256 (Credential=[a-z0-9/]{0,40}|SignedHeaders=[a-z;:]{0,20}|Signature=[a-f0-9]{0,64}|,| ){0,6}"
                .prop_map(String::into_bytes),
        ],
        date in prop_oneof!["\\PC{0,30}", "[0-9]{8}T[0-9]{6}Z"],
        other in proptest::collection::vec(("[a-zA-Z-]{0,12}", proptest::collection::vec(any::<u8>(), 0..20)), 0..4),
    ) {
        let mut headers: Vec<(&str, &[u8])> = vec![
            ("authorization", &authorization),
            ("x-amz-date", date.as_bytes()),
            ("host", b"h"),
        ];
        headers.extend(other.iter().map(|(name, value)| (name.as_str(), value.as_slice())));
        let request = Request { method: &method, path: &path, query: &query, headers: &headers };
        let secret = secret("x");
        if let Ok(Some(found)) = Authentication::parse(&request) {
            let service = found.scope.service.to_string();
            let key = SigningKey::derive(&secret, &found.scope.day, &found.scope.region, &service).unwrap();
            let now = found.date.time();
            if let Ok(checked) = found.check(now, &Expect { service: &service, region: None }) {
                for body in [Body::Later, Body::Bytes(b"")] {
                    let verified = checked.verify(body, &key);
                    prop_assert!(!matches!(verified, Ok(Verified::Complete)), "a signature was guessed");
                }
            }
        }
    }
}
