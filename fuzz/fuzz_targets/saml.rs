//! SAML responses and metadata: no input panics, and whatever verifies with the sample's key says what the sample says.
#![no_main]

use std::sync::LazyLock;

use garrison_saml::{Assertion, Encryption, Metadata};
use libfuzzer_sys::fuzz_target;

const RESPONSE: &str = include_str!("../../crates/engines/saml/testdata/assertion-rsa.xml");
const METADATA: &str = include_str!("../../crates/engines/saml/testdata/metadata-rsa.xml");
/// PKCS#8 in DER.
const KEY: &[u8] = include_bytes!("../../crates/engines/saml/testdata/decryption-key.der");

static SAMPLE: LazyLock<(Metadata, Assertion)> = LazyLock::new(|| {
    let provider = Metadata::parse(METADATA).expect("the sample");
    let assertion = Assertion::verified(RESPONSE, &provider, &Encryption::default()).expect("the sample");
    (provider, assertion)
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (provider, expected) = &*SAMPLE;
    let encryption = Encryption { private_keys: vec![KEY], required: false };
    if let Ok(assertion) = Assertion::verified(text, provider, &encryption) {
        assert_eq!(&assertion, expected, "something else was believed");
    }
    if let Ok(other) = Metadata::parse(text) {
        assert!(
            &other == provider
                || Assertion::verified(RESPONSE, &other, &Encryption::default()).is_err()
                || other.entity_id == provider.entity_id
        );
    }
});
