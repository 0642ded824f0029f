//! Bytes from outside never make a parser panic, whatever the specification: arbitrary ones, and valid ones damaged.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a failed expectation is a failed test")]

use garrison_crypto::keys::{
    DataKeyPair, EncryptionAlgorithm, KeyAgreementAlgorithm, KeyMaterial, KeySpec, KeyUsage, MessageType,
    PrivateKey, PublicKey,
};
use garrison_crypto::{CryptoError, SystemRng};
use proptest::prelude::*;

/// All but RSA, whose keys are slow to make; its parsers are AWS-LC's alone.
const QUICK: [KeySpec; 12] = [
    KeySpec::EccNistP256,
    KeySpec::EccNistP384,
    KeySpec::EccNistP521,
    KeySpec::EccSecgP256k1,
    KeySpec::EccNistEdwards25519,
    KeySpec::Sm2,
    KeySpec::MlDsa44,
    KeySpec::MlDsa65,
    KeySpec::MlDsa87,
    KeySpec::MlKem512,
    KeySpec::MlKem768,
    KeySpec::MlKem1024,
];

type Edits = Vec<(prop::sample::Index, u8)>;

fn edits() -> impl Strategy<Value = (Edits, prop::sample::Index)> {
    (
        proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        any::<prop::sample::Index>(),
    )
}

/// Overwrites some bytes; now and then cuts the end off.
fn damage(mut bytes: Vec<u8>, (edits, cut): &(Edits, prop::sample::Index)) -> Vec<u8> {
    for (at, value) in edits {
        let at = at.index(bytes.len());
        bytes[at] = *value;
    }
    bytes.truncate(bytes.len() - cut.index(bytes.len() * 4).saturating_sub(bytes.len() * 3));
    bytes
}

fn import(spec: KeySpec, bytes: &[u8]) {
    match KeyMaterial::import(spec, bytes) {
        Ok(material) => assert_eq!(material.spec(), spec),
        Err(error) => assert_eq!(error, CryptoError::InvalidKeyMaterial, "{spec}"),
    }
}

fn load(spec: KeySpec, usage: KeyUsage, spki: &[u8]) {
    match PublicKey::load(spec, usage, spki) {
        // What loads must also bear use.
        Ok(key) => {
            for &algorithm in spec.signing_algorithms() {
                let message_type =
                    if algorithm.takes(MessageType::Raw) { MessageType::Raw } else { MessageType::Digest };
                assert!(key.verify(algorithm, message_type, &[0; 64], &[0x30; 64]).is_err());
            }
            for &algorithm in spec.encapsulation_algorithms() {
                let _ = key.encapsulate(algorithm);
            }
        }
        Err(error) => assert_eq!(error, CryptoError::InvalidPublicKey, "{spec}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn arbitrary_keys(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for &spec in KeySpec::ALL.iter().filter(|spec| spec.is_asymmetric()) {
            import(spec, &bytes);
            for &usage in spec.usages() {
                load(spec, usage, &bytes);
            }
        }
    }

    #[test]
    fn damaged_keys(edits in edits(), spec in prop::sample::select(&QUICK[..])) {
        let (private, public) = if spec.is_data_key_pair() {
            let pair = DataKeyPair::generate(spec, &SystemRng).expect("generated");
            (pair.private_pkcs8.to_vec(), pair.public_spki)
        } else {
            let (secret, public) = KeyMaterial::generate(spec, &SystemRng).expect("generated").into_parts();
            (secret.expose().to_vec(), public.expect("asymmetric"))
        };
        import(spec, &damage(private, &edits));
        let public = damage(public, &edits);
        for &usage in spec.usages() {
            load(spec, usage, &public);
        }
    }

    #[test]
    fn damaged_peers(edits in edits()) {
        for spec in [KeySpec::EccNistP256, KeySpec::EccNistP521, KeySpec::Sm2] {
            let material = KeyMaterial::generate(spec, &SystemRng).expect("generated");
            let key = PrivateKey::load(spec, KeyUsage::KeyAgreement, material.secret()).expect("loads");
            let peer = damage(material.public_key_der().expect("asymmetric").to_vec(), &edits);
            if let Err(error) = key.derive(KeyAgreementAlgorithm::Ecdh, &peer) {
                prop_assert_eq!(error, CryptoError::InvalidPublicKey);
            }
        }
    }

    #[test]
    fn damaged_sm2_ciphertexts(edits in edits(), arbitrary in proptest::collection::vec(any::<u8>(), 0..200)) {
        let material = KeyMaterial::generate(KeySpec::Sm2, &SystemRng).expect("generated");
        let spki = material.public_key_der().expect("asymmetric");
        let public = PublicKey::load(KeySpec::Sm2, KeyUsage::EncryptDecrypt, spki).expect("loads");
        let key = PrivateKey::load(KeySpec::Sm2, KeyUsage::EncryptDecrypt, material.secret()).expect("loads");
        let good = public.encrypt(EncryptionAlgorithm::Sm2Pke, b"message", &SystemRng).expect("encrypted");
        for ciphertext in [damage(good.clone(), &edits), arbitrary] {
            match key.decrypt(EncryptionAlgorithm::Sm2Pke, &ciphertext) {
                Ok(plaintext) => prop_assert!(ciphertext == good && plaintext.as_slice() == b"message"),
                Err(error) => prop_assert_eq!(error, CryptoError::InvalidCiphertext),
            }
        }
    }

    #[test]
    fn damaged_signatures(edits in edits(), spec in prop::sample::select(&QUICK[..9])) {
        let material = KeyMaterial::generate(spec, &SystemRng).expect("generated");
        let spki = material.public_key_der().expect("asymmetric");
        let public = PublicKey::load(spec, KeyUsage::SignVerify, spki).expect("loads");
        let private = PrivateKey::load(spec, KeyUsage::SignVerify, material.secret()).expect("loads");
        for &algorithm in spec.signing_algorithms() {
            for &message_type in MessageType::ALL.iter().filter(|message_type| algorithm.takes(**message_type)) {
                let message = match message_type {
                    MessageType::Digest => vec![7; algorithm.digest_len().expect("takes digests")],
                    MessageType::Raw | MessageType::ExternalMu => vec![7; 64],
                };
                let good = private.sign(algorithm, message_type, &message, &SystemRng).expect("signed");
                let bad = damage(good.clone(), &edits);
                let verified = public.verify(algorithm, message_type, &message, &bad);
                prop_assert_eq!(verified.is_ok(), bad == good, "{} {}", algorithm, message_type);
            }
        }
    }
}
