//! The cache of signing keys.

use std::sync::Arc;

use garrison_sigv4::{Authentication, SecretAccessKey, SigningKey, SigningKeyCache};

use crate::support::{Sent, secret};

/// The key that the cache gives for a request of `access_key_id` in `scope`.
fn key(
    cache: &SigningKeyCache,
    access_key_id: &str,
    scope: &str,
    secret: &SecretAccessKey,
) -> Arc<SigningKey> {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={access_key_id}/{scope}/aws4_request, SignedHeaders=host, Signature=x"
    );
    let sent = Sent::new(
        "POST",
        "/",
        &[("host", "a"), ("x-amz-date", "20260131T120000Z"), ("authorization", &authorization)],
        b"",
    );
    sent.with(|request| {
        let authentication = Authentication::parse(request).unwrap().unwrap();
        cache.get_or_derive(&authentication, secret).unwrap()
    })
}

#[test]
fn a_key_is_derived_once() {
    let cache = SigningKeyCache::new(64);
    let secret = secret("one");
    let first = key(&cache, "AKID", "20260131/eu-central-1/kms", &secret);
    assert!(Arc::ptr_eq(&first, &key(&cache, "AKID", "20260131/eu-central-1/kms", &secret)));
    for (id, scope) in [
        ("AKIE", "20260131/eu-central-1/kms"),
        ("AKID", "20260201/eu-central-1/kms"),
        ("AKID", "20260131/eu-central-2/kms"),
        ("AKID", "20260131/eu-central-1/sts"),
    ] {
        assert!(!Arc::ptr_eq(&first, &key(&cache, id, scope, &secret)), "{id} {scope}");
    }
}

#[test]
fn a_rotated_secret_never_finds_its_predecessors_key() {
    let cache = SigningKeyCache::new(64);
    let scope = "20260131/eu-central-1/kms";
    let (old, new) = (secret("old"), secret("new"));
    let first = key(&cache, "AKID", scope, &old);
    let second = key(&cache, "AKID", scope, &new);
    assert!(!Arc::ptr_eq(&first, &second));
    assert!(Arc::ptr_eq(&second, &key(&cache, "AKID", scope, &new)));
    // The new key took the old one's place.
    assert_eq!(Arc::strong_count(&first), 1);
}

#[test]
fn the_cache_is_bounded() {
    let cache = SigningKeyCache::new(16);
    let secret = secret("one");
    let keys: Vec<_> =
        (0..200).map(|n| key(&cache, &format!("AKID{n}"), "20260131/eu-central-1/kms", &secret)).collect();
    let held = keys.iter().filter(|key| Arc::strong_count(key) > 1).count();
    assert!((4..=16).contains(&held), "{held}");
    // The newest is always kept.
    assert_eq!(Arc::strong_count(keys.last().unwrap()), 2);
}

#[test]
fn the_oldest_day_goes_first() {
    let cache = SigningKeyCache::new(4);
    let secret = secret("one");
    let keys: Vec<_> = ["20260103", "20260101", "20260104", "20260102", "20260105"]
        .iter()
        .map(|day| key(&cache, "AKID", &format!("{day}/eu-central-1/kms"), &secret))
        .collect();
    let held: Vec<bool> = keys.iter().map(|key| Arc::strong_count(key) > 1).collect();
    assert_eq!(held, [true, false, true, true, true]);
}

#[test]
fn threads_share_it() {
    let cache = SigningKeyCache::new(4);
    let secret = secret("one");
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (cache, secret) = (&cache, &secret);
            scope.spawn(move || {
                for n in 0..200 {
                    key(cache, &format!("AKID{}", (n + thread) % 7), "20260131/eu-central-1/kms", secret);
                }
            });
        }
    });
}
