//! Tokens: examples of the RFCs, our own, and none that was altered.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{MAX_KEYS, SigningAlgorithm, SigningKey, encode};

/// RFC 7515, appendix A.3: ES256. The same claims as in the other examples of that appendix.
const RFC7515_ES256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const RFC7515_ES256_KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
/// RFC 8037, appendix A.4 and A.2: Ed25519. What it signs is no JSON, so only the signature is of use here.
const RFC8037_KEY: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn set(keys: &[&str]) -> JwkSet {
    JwkSet::parse(format!(r#"{{"keys":[{}]}}"#, keys.join(",")).as_bytes()).unwrap()
}

fn key(algorithm: SigningAlgorithm) -> SigningKey {
    SigningKey::from_pkcs8(algorithm, "k".to_owned(), &SigningKey::generate(algorithm).unwrap()).unwrap()
}

fn token(header: &str, claims: &str) -> String {
    format!("{}.{}.{}", encode(header.as_bytes()), encode(claims.as_bytes()), encode(b"signature"))
}

#[test]
fn the_example_of_rfc_7515_verifies() {
    let keys = set(&[RFC7515_ES256_KEY]);
    let jws = Jws::parse(RFC7515_ES256).unwrap();
    assert_eq!(jws.claimed_issuer(), Some("joe"));
    let claims = jws.verify(&keys).unwrap();
    assert_eq!(claims.time("exp").unwrap().as_seconds(), 1_300_819_380);
    assert_eq!(claims.value("http://example.com/is_root"), Some(&json!(true)));
}

#[test]
fn the_example_of_rfc_8037_verifies() {
    let signed = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature =
        decode("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
            .unwrap();
    let keys = set(&[RFC8037_KEY]);
    assert_eq!(keys.verify(None, Algorithm::EdDsa, signed, &signature), Ok(()));
    assert_eq!(keys.verify(None, Algorithm::EdDsa, b"other", &signature), Err(JwtError::Signature));
    assert_eq!(keys.verify(None, Algorithm::Es256, signed, &signature), Err(JwtError::NoKey));
}

#[test]
fn our_own_tokens_verify_and_only_with_the_key() {
    for algorithm in [SigningAlgorithm::Es384, SigningAlgorithm::Rs256] {
        let (own, other) = (key(algorithm), key(algorithm));
        let (jwk, foreign) = (own.jwk().unwrap().to_string(), other.jwk().unwrap().to_string());
        let token = own.sign(&json!({ "iss": "me", "aud": ["a", "b"], "iat": 1.5 })).unwrap();
        let verify = |keys: &[&str]| Jws::parse(&token).unwrap().verify(&set(keys));
        let claims = verify(&[&jwk]).unwrap();
        assert_eq!(claims.texts("aud"), ["a", "b"]);
        assert_eq!(claims.time("iat").unwrap().as_millis(), 1500);
        assert_eq!(verify(&[&foreign]), Err(JwtError::Signature));
        assert_eq!(verify(&[&foreign, &jwk]).as_ref(), Ok(&claims), "keys may share an id while they change");
        let (renamed, unnamed) = (jwk.replace("\"k\"", "\"l\""), jwk.replace("\"kid\":\"k\",", ""));
        for keys in [vec![], vec![&*renamed], vec![&*unnamed]] {
            assert_eq!(verify(&keys), Err(JwtError::NoKey), "{keys:?}");
        }
        let sealing = jwk.replace("\"sig\"", "\"enc\"");
        assert_eq!(verify(&[&sealing]), Err(JwtError::NoKey));
        assert!(!format!("{own:?}").contains("Pair"));
    }
}

#[test]
fn what_is_no_such_token_is_refused() {
    let long = "a".repeat(MAX_TOKEN_LEN + 1);
    for (token, error) in [
        (String::new(), JwtError::Malformed),
        ("a.b".to_owned(), JwtError::Malformed),
        (long, JwtError::TooLong),
        (token("{}", "{}"), JwtError::Malformed),
        (token(r#"{"alg":"none"}"#, "{}"), JwtError::Algorithm),
        (token(r#"{"alg":"HS256"}"#, "{}"), JwtError::Algorithm),
        (token(r#"{"alg":"rs256"}"#, "{}"), JwtError::Algorithm),
        (token(r#"{"alg":"RS256","crit":["b64"]}"#, "{}"), JwtError::Critical),
        (token(r#"{"alg":"RS256"}"#, "[]"), JwtError::Malformed),
        (token(r#"{"alg":"RS256"}"#, &"[".repeat(9000)), JwtError::Malformed),
        (format!("{}.x", token(r#"{"alg":"RS256"}"#, "{}")), JwtError::Malformed),
    ] {
        assert_eq!(Jws::parse(&token).err(), Some(error), "{token}");
    }
}

#[test]
fn key_sets_are_bounded_and_unknown_keys_left_out() {
    assert_eq!(JwkSet::parse(b"{}").err(), Some(JwtError::Malformed));
    assert_eq!(JwkSet::parse(&vec![b' '; MAX_KEY_SET_LEN_AND_ONE]).err(), Some(JwtError::TooLong));
    let many = vec!["{}"; MAX_KEYS + 1].join(",");
    assert_eq!(JwkSet::parse(format!(r#"{{"keys":[{many}]}}"#).as_bytes()).err(), Some(JwtError::TooLong));
    let keys = set(&[r#"{"kty":"oct","k":"AAAA"}"#, "1", r#"{"kty":"RSA"}"#, RFC8037_KEY]);
    assert_eq!((keys.len(), keys.is_empty()), (1, false));
}

const MAX_KEY_SET_LEN_AND_ONE: usize = crate::MAX_KEY_SET_LEN + 1;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_altered_token_verifies(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.-]") {
        let mut bytes = RFC7515_ES256.as_bytes().to_vec();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to.as_bytes()[0]);
        bytes[at] = to.as_bytes()[0];
        let altered = String::from_utf8(bytes).unwrap();
        let keys = set(&[RFC7515_ES256_KEY]);
        prop_assert!(Jws::parse(&altered).and_then(|jws| jws.verify(&keys)).is_err());
    }

    #[test]
    fn nothing_panics(token in ".{0,80}", keys in "\\PC{0,80}") {
        let _ = Jws::parse(&token);
        let _ = JwkSet::parse(keys.as_bytes());
    }
}
