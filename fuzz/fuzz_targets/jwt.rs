//! JSON Web Tokens and key sets: no input panics, and none verifies with a key that signed nothing.
//!
//! The input is a token, a line feed, and a key set.
#![no_main]

use std::sync::LazyLock;

use garrison_jwt::{JwkSet, Jws, SigningAlgorithm, SigningKey};
use libfuzzer_sys::fuzz_target;

static KEYS: LazyLock<JwkSet> = LazyLock::new(|| {
    let algorithms = [SigningAlgorithm::Es384, SigningAlgorithm::Rs256];
    let keys = algorithms.map(|algorithm| {
        let der = SigningKey::generate(algorithm).expect("a key");
        SigningKey::from_pkcs8(algorithm, "k".to_owned(), &der)
            .expect("a key")
            .jwk()
            .expect("a key")
            .to_string()
    });
    JwkSet::parse(format!("{{\"keys\":[{}]}}", keys.join(",")).as_bytes()).expect("keys")
});

fuzz_target!(|bytes: &[u8]| {
    let at = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (token, keys) = bytes.split_at(at);
    let keys = JwkSet::parse(keys.strip_prefix(b"\n").unwrap_or(keys));
    let Ok(token) = std::str::from_utf8(token) else { return };
    let Ok(jws) = Jws::parse(token) else { return };
    assert!(jws.clone().verify(&KEYS).is_err(), "a signature was guessed");
    if let Ok(claims) = keys.and_then(|keys| jws.verify(&keys)) {
        for name in ["iss", "aud", "exp"] {
            let _ = (claims.text(name), claims.texts(name), claims.time(name));
        }
    }
});
