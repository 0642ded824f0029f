//! Attestation documents and root certificates: no input panics; nothing verifies under a root that the input did not bring
//! itself, since no root is trusted; a key that is read seals.
#![no_main]

use garrison_attestation::{RecipientKey, TrustRoots, verify};
use garrison_crypto::SystemRng;
use garrison_types::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let now = Timestamp::from_seconds(1_800_000_000);
    assert!(verify(bytes, &TrustRoots::default(), now).is_err());
    if let Ok(roots) = TrustRoots::new([bytes]) {
        assert!(!roots.is_empty());
        assert_eq!(roots.into_certificates(), [bytes]);
    }
    if let Ok(key) = RecipientKey::from_spki(bytes) {
        key.seal(b"secret", &SystemRng).expect("a key that was read seals");
    }
});
