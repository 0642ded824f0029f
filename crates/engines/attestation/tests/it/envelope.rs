//! Sealing for the attested key.

use std::process::Command;

use garrison_attestation::RecipientKey;
use garrison_crypto::SystemRng;
use garrison_crypto::testing::SeededRng;

use crate::support::{Enclave, read_envelope};

#[test]
fn the_enclave_reads_what_was_sealed_for_it() {
    let enclave = Enclave::new();
    let key = RecipientKey::from_spki(&enclave.spki).unwrap();
    for len in [0, 1, 15, 16, 17, 32, 1024, 4096, 6144] {
        let plaintext: Vec<u8> = (0..len).map(|i| i as u8).collect();
        let sealed = key.seal(&plaintext, &SystemRng).unwrap();
        assert_eq!(enclave.open(&sealed), plaintext, "{len}");
    }
}

#[test]
fn every_envelope_has_its_own_key() {
    let enclave = Enclave::new();
    let key = RecipientKey::from_spki(&enclave.spki).unwrap();
    let rng = SeededRng::new(1);
    let (one, two) = (key.seal(&[1; 32], &rng).unwrap(), key.seal(&[1; 32], &rng).unwrap());
    let ((key_1, iv_1, content_1), (key_2, iv_2, content_2)) = (read_envelope(&one), read_envelope(&two));
    assert_ne!(key_1, key_2);
    assert_ne!(iv_1, iv_2);
    assert_ne!(content_1, content_2);
}

#[test]
fn openssl_reads_it() {
    let Ok(version) = Command::new("openssl").arg("version").output() else {
        eprintln!("openssl is not installed: not tried");
        return;
    };
    let enclave = Enclave::new();
    let folder = tempfile::tempdir().unwrap();
    let (key, message) = (folder.path().join("key.der"), folder.path().join("message.ber"));
    std::fs::write(&key, &enclave.pkcs8).unwrap();
    for plaintext in [&b"attack at dawn"[..], &[0x30; 4096]] {
        let sealed = RecipientKey::from_spki(&enclave.spki).unwrap().seal(plaintext, &SystemRng).unwrap();
        std::fs::write(&message, sealed).unwrap();
        let mut command = Command::new("openssl");
        command.args(["cms", "-decrypt", "-binary", "-inform", "DER", "-keyform", "DER"]);
        let output = command.arg("-inkey").arg(&key).arg("-in").arg(&message).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.stdout, plaintext, "{version:?}: {errors}");
    }
}
