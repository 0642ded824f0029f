//! The signature engine: no input panics; a request signed here verifies, whatever its parts are; and a chunked body
//! decodes to the same, or fails the same, in one piece and byte by byte.
//!
//! The input is a request in the form of HTTP/1.1: `METHOD path?query`, lines of `name: value`, an empty line, the body.
#![no_main]

use std::sync::Arc;

use garrison_sigv4::{
    AmzDate, Authentication, Body, ChunkError, ChunkSeed, ChunkedDecoder, Expect, Payload, Request,
    SecretAccessKey, SigError, Signer, SigningKey, Streaming, Trailer, Verified,
};
use garrison_types::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (head, body) = split_at(bytes, b"\n\n");
    let (line, mut lines) = split_at(head, b"\n");
    let Ok(line) = std::str::from_utf8(line) else { return };
    let (method, target) = line.split_once(' ').unwrap_or((line, "/"));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers: Vec<(&str, &[u8])> = vec![("host", b"fuzz.example")];
    while !lines.is_empty() && headers.len() < 40 {
        let (header, rest) = split_at(lines, b"\n");
        let (name, value) = split_at(header, b":");
        let token = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-';
        if !name.is_empty() && name.len() < 100 && name.iter().all(token) {
            headers.push((std::str::from_utf8(name).expect("ASCII"), value));
        }
        lines = rest;
    }
    let secret = SecretAccessKey::new("secret".to_owned());
    foreign(&Request { method, path, query, headers: &headers }, body, &secret);
    if query.contains("X-Amz-") {
        return;
    }
    headers.retain(|(name, _)| {
        let name = name.to_ascii_lowercase();
        name != "authorization" && name != "date" && !name.starts_with("x-amz-")
    });
    let request = Request { method, path, query, headers: &headers };
    for service in ["kms", "s3"] {
        ours(&request, body, &secret, service);
    }
});

/// What comes off the wire.
fn foreign(request: &Request<'_>, body: &[u8], secret: &SecretAccessKey) {
    let Ok(Some(found)) = Authentication::parse(request) else { return };
    let scope = &found.scope;
    let key = SigningKey::derive(secret, &scope.day, &scope.region, &scope.service).expect("a key");
    let (now, service) = (found.date.time(), scope.service.to_string());
    if let Ok(checked) = found.check(now, &Expect { service: &service, region: None }) {
        for body in [Body::Bytes(body), Body::Later] {
            assert!(checked.verify(body, &key).is_err(), "a signature was guessed");
        }
    }
}

/// The same request, signed in both forms and with both kinds of body.
fn ours(request: &Request<'_>, body: &[u8], secret: &SecretAccessKey, service: &str) {
    let date = AmzDate::new(Timestamp::from_seconds(1_769_860_800));
    let key = SigningKey::derive(secret, date.day(), "eu-central-1", service).expect("a key");
    let region = "eu-central-1";
    let signer = Signer { access_key_id: "AKID", session_token: None, region, service, date, key: &key };
    let verify = |request: &Request<'_>, body: Body<'_>| {
        let found = Authentication::parse(request)?.ok_or(SigError::Missing)?;
        found.check(date.time(), &Expect { service, region: Some(region) })?.verify(body, &key)
    };
    let payload = Payload::of(body);
    let added = match signer.sign(request, &payload) {
        Ok(added) => added,
        Err(SigError::MalformedPath | SigError::MalformedQuery) => return,
        Err(error) => panic!("not signed: {error:?}"),
    };
    let mut headers = request.headers.to_vec();
    headers.extend(added.iter().map(|(name, value)| (*name, value.as_bytes())));
    let signed = Request { headers: &headers, ..*request };
    assert!(matches!(verify(&signed, Body::Bytes(body)), Ok(Verified::Complete)));

    let payload = if service == "s3" { Payload::Unsigned } else { payload };
    let query = signer.presign(request, &payload, 60).expect("what was signed before");
    let verified = verify(&Request { query: &query, ..*request }, Body::Bytes(body));
    assert!(matches!(verified, Ok(Verified::Complete | Verified::UnsignedBody)));

    for form in [Streaming::Signed, Streaming::SignedTrailer, Streaming::UnsignedTrailer] {
        let added = signer.sign(request, &Payload::Streaming(form)).expect("what was signed before");
        let mut headers = request.headers.to_vec();
        headers.extend(added.iter().map(|(name, value)| (*name, value.as_bytes())));
        let Ok(Verified::Chunked(seed)) = verify(&Request { headers: &headers, ..*request }, Body::Later) else {
            panic!("not verified");
        };
        let whole = decode(seed.clone(), secret, service, &[body]);
        let bytewise: Vec<&[u8]> = body.chunks(1).collect();
        assert_eq!(whole, decode(seed, secret, service, &bytewise));
        assert!(form == Streaming::UnsignedTrailer || whole.is_err(), "a chunk's signature was guessed");
    }
}

fn decode(
    seed: ChunkSeed,
    secret: &SecretAccessKey,
    service: &str,
    pieces: &[&[u8]],
) -> Result<(Vec<u8>, Vec<Trailer>), ChunkError> {
    let key = SigningKey::derive(secret, "20260131", "eu-central-1", service).expect("a key");
    let mut decoder = ChunkedDecoder::new(seed, Arc::new(key), 10);
    let mut out = Vec::new();
    for piece in pieces {
        decoder.push(piece, &mut out)?;
    }
    Ok((out, decoder.finish()?))
}

/// What stands before and behind the first `separator`; everything before it where there is none.
fn split_at<'a>(bytes: &'a [u8], separator: &[u8]) -> (&'a [u8], &'a [u8]) {
    match bytes.windows(separator.len()).position(|window| window == separator) {
        Some(at) => (&bytes[..at], &bytes[at + separator.len()..]),
        None => (bytes, b""),
    }
}
