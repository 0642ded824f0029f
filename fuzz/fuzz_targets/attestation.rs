//! Attestation documents and root certificates: no input panics; nothing verifies under a root that the input did not bring
//! itself, since no root is trusted; what verifies proves something; a key that is read seals.
//!
//! The input is a root certificate after its length in two bytes, and a document or a public key behind it.
#![no_main]

use garrison_attestation::{RecipientKey, TrustRoots, verify};
use garrison_crypto::SystemRng;
use garrison_types::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let now = Timestamp::from_seconds(1_800_000_000);
    let (root, document) = bytes
        .split_first_chunk::<2>()
        .and_then(|(length, rest)| rest.split_at_checked(usize::from(u16::from_be_bytes(*length))))
        .unwrap_or((&[], bytes));
    assert!(verify(document, &TrustRoots::default(), now).is_err());
    if let Ok(roots) = TrustRoots::new([root]) {
        assert!(!roots.is_empty());
        if let Ok(proven) = verify(document, &roots, now) {
            assert!(!proven.pcrs.is_empty() && proven.pcrs.keys().all(|index| *index < 32));
            seal(&proven.recipient);
        }
        assert_eq!(roots.into_certificates(), [root]);
    }
    if let Ok(key) = RecipientKey::from_spki(document) {
        seal(&key);
    }
});

fn seal(key: &RecipientKey) {
    key.seal(b"secret", &SystemRng).expect("a key that was read seals");
}
