//! Prints what it costs to verify a KMS request with a body of 500 bytes, the signing key coming from the cache:
//! `cargo run --release -p garrison-sigv4 --example sigv4_bench`.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures and prints")]

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use garrison_sigv4::{
    AmzDate, Authentication, Body, Expect, Payload, Request, SecretAccessKey, SigError, Signer, SigningKey,
    SigningKeyCache, sha256,
};
use garrison_types::Timestamp;

/// The best of so many batches is printed, since other work on the machine only ever adds.
const BATCHES: u32 = 100;
const ROUNDS: u32 = 2000;

fn main() -> Result<(), Box<dyn Error>> {
    let secret = SecretAccessKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned());
    let now = Timestamp::from_seconds(1_769_860_800);
    let date = AmzDate::new(now);
    let key = SigningKey::derive(&secret, date.day(), "eu-central-1", "kms")?;
    let body = vec![b'x'; 500];
    let mut headers: Vec<(&str, &[u8])> = vec![
        ("host", b"kms.eu-central-1.amazonaws.com"),
        ("accept-encoding", b"identity"),
        ("content-type", b"application/x-amz-json-1.1"),
        ("x-amz-target", b"TrentService.Encrypt"),
        ("user-agent", b"aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux lang/python#3.13"),
        ("content-length", b"500"),
    ];
    let signer = Signer {
        access_key_id: "AKIAIOSFODNN7EXAMPLE",
        session_token: None,
        region: "eu-central-1",
        service: "kms",
        date,
        key: &key,
    };
    let unsigned = Request { method: "POST", path: "/", query: "", headers: &headers };
    let added = signer.sign(&unsigned, &Payload::of(&body))?;
    headers.extend(added.iter().map(|(name, value)| (*name, value.as_bytes())));
    let request = Request { method: "POST", path: "/", query: "", headers: &headers };
    let cache = SigningKeyCache::new(1024);

    let measure = |name: &str, act: &dyn Fn() -> Result<(), SigError>| -> Result<(), SigError> {
        let mut best = u128::MAX;
        for _ in 0..BATCHES {
            let start = Instant::now();
            for _ in 0..ROUNDS {
                act()?;
            }
            best = best.min(start.elapsed().as_nanos());
        }
        println!("{name:32} {:6} ns", best / u128::from(ROUNDS));
        Ok(())
    };
    let parse = || Authentication::parse(black_box(&request))?.ok_or(SigError::Missing);
    let expect = Expect { service: "kms", region: None };
    measure("parse", &|| parse().map(drop))?;
    measure("parse, check", &|| parse()?.check(now, &expect).map(drop))?;
    measure("parse, check, key from cache", &|| {
        let checked = parse()?.check(now, &expect)?;
        cache.get_or_derive(checked.authentication(), &secret).map(drop)
    })?;
    measure("the whole verification", &|| {
        let checked = parse()?.check(now, &expect)?;
        let key = cache.get_or_derive(checked.authentication(), &secret)?;
        checked.verify(Body::Bytes(black_box(&body)), &key).map(drop)
    })?;
    measure("of which SHA-256 of 500 bytes", &|| {
        black_box(sha256(black_box(&body)));
        Ok(())
    })?;
    measure("derivation of a signing key", &|| {
        SigningKey::derive(&secret, date.day(), "eu-central-1", "kms").map(drop)
    })?;
    Ok(())
}
