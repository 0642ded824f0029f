//! No bytes make verification panic, and none that were not signed are accepted.

use garrison_attestation::{TrustRoots, verify};
use garrison_types::Timestamp;
use proptest::prelude::*;

use crate::support::{Enclave, NOW, Pki};

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let roots = TrustRoots::default();
        prop_assert!(verify(&bytes, &roots, Timestamp::from_seconds(NOW)).is_err());
        // The same as a payload and as a root certificate.
        let head = [0x84, 0x44, 0xA1, 0x01, 0x38, 0x22, 0xA0, 0x59];
        let payload = [&head[..], &(bytes.len() as u16).to_be_bytes(), &bytes, &[0x58, 96], &[1; 96]].concat();
        prop_assert!(verify(&payload, &roots, Timestamp::from_seconds(NOW)).is_err());
        prop_assert!(TrustRoots::new([&bytes]).is_err());
    }
}

#[test]
fn changed_runs_of_bytes_are_refused() {
    let pki = Pki::new();
    let document = pki.document(&Enclave::new().spki);
    let roots = TrustRoots::new([pki.root()]).unwrap();
    verify(&document, &roots, Timestamp::from_seconds(NOW)).unwrap();
    proptest!(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() },
        |(start in any::<prop::sample::Index>(), bytes in proptest::collection::vec(any::<u8>(), 1..8))| {
        let start = start.index(document.len());
        let mut changed = document.clone();
        changed.splice(start..(start + bytes.len()).min(document.len()), bytes);
        prop_assume!(changed != document);
        prop_assert!(verify(&changed, &roots, Timestamp::from_seconds(NOW)).is_err());
    });
}
