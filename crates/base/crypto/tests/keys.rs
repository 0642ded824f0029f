//! Every key specification from making a key to using it, through the public interface.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a failed expectation is a failed test")]

use garrison_crypto::keys::{
    DataKeyPair, EncapsulationAlgorithm, EncryptionAlgorithm, KeyAgreementAlgorithm, KeyMaterial, KeySpec,
    KeyUsage, MacKey, MessageType, PrivateKey, PublicKey, SigningAlgorithm,
};
use garrison_crypto::testing::SeededRng;
use garrison_crypto::{CryptoError, LockedSecret, SystemRng};

fn pair(spec: KeySpec, usage: KeyUsage) -> (PrivateKey, PublicKey) {
    let material = KeyMaterial::generate(spec, &SystemRng).expect("generated");
    load(&material, usage)
}

fn load(material: &KeyMaterial, usage: KeyUsage) -> (PrivateKey, PublicKey) {
    let spki = material.public_key_der().expect("asymmetric");
    (
        PrivateKey::load(material.spec(), usage, material.secret()).expect("private key loads"),
        PublicKey::load(material.spec(), usage, spki).expect("public key loads"),
    )
}

fn asymmetric(usage: KeyUsage) -> impl Iterator<Item = KeySpec> {
    KeySpec::ALL.iter().copied().filter(move |spec| spec.is_asymmetric() && spec.allows(usage))
}

/// A message that `algorithm` takes as `message_type`, if it takes that type at all.
fn message(algorithm: SigningAlgorithm, message_type: MessageType) -> Option<Vec<u8>> {
    algorithm.takes(message_type).then(|| match message_type {
        MessageType::Raw => b"a message".to_vec(),
        MessageType::Digest => vec![0x5A; algorithm.digest_len().expect("takes digests")],
        MessageType::ExternalMu => vec![0x5A; 64],
    })
}

#[test]
fn signatures_verify_and_altered_ones_do_not() {
    let mut combinations = 0;
    for spec in asymmetric(KeyUsage::SignVerify) {
        let (private, public) = pair(spec, KeyUsage::SignVerify);
        for &algorithm in spec.signing_algorithms() {
            for &message_type in MessageType::ALL {
                let Some(mut message) = message(algorithm, message_type) else {
                    let refused = private.sign(algorithm, message_type, &[0; 64], &SystemRng);
                    assert_eq!(
                        refused,
                        Err(CryptoError::UnsupportedMessageType),
                        "{spec} {algorithm} {message_type}"
                    );
                    continue;
                };
                combinations += 1;
                let mut signature =
                    private.sign(algorithm, message_type, &message, &SystemRng).expect("signed");
                let verify = |message: &[u8], signature: &[u8]| {
                    public.verify(algorithm, message_type, message, signature)
                };
                assert_eq!(verify(&message, &signature), Ok(()), "{spec} {algorithm} {message_type}");
                message[0] ^= 1;
                assert_eq!(
                    verify(&message, &signature),
                    Err(CryptoError::InvalidSignature),
                    "{spec} {algorithm}"
                );
                message[0] ^= 1;
                let last = signature.len() - 1;
                signature[last] ^= 1;
                assert_eq!(
                    verify(&message, &signature),
                    Err(CryptoError::InvalidSignature),
                    "{spec} {algorithm}"
                );
                assert_eq!(verify(&message, &[]), Err(CryptoError::InvalidSignature), "{spec} {algorithm}");
                if message_type != MessageType::Raw {
                    message.pop();
                    assert_eq!(verify(&message, &signature), Err(CryptoError::InvalidLength));
                    assert_eq!(
                        private.sign(algorithm, message_type, &message, &SystemRng),
                        Err(CryptoError::InvalidLength)
                    );
                }
            }
        }
    }
    // RSA 3 × 6 × 2, ECDSA 4 × 2, SM2 2, Ed25519 2, ML-DSA 3 × 2.
    assert_eq!(combinations, 54);
}

#[test]
fn a_digest_is_signed_as_its_message_is() {
    use aws_lc_rs::digest;
    let cases = [
        (KeySpec::Rsa2048, SigningAlgorithm::RsassaPkcs1V15Sha256, &digest::SHA256),
        (KeySpec::Rsa2048, SigningAlgorithm::RsassaPssSha384, &digest::SHA384),
        (KeySpec::EccNistP521, SigningAlgorithm::EcdsaSha512, &digest::SHA512),
        (KeySpec::EccSecgP256k1, SigningAlgorithm::EcdsaSha256, &digest::SHA256),
    ];
    for (spec, algorithm, hash) in cases {
        let (private, public) = pair(spec, KeyUsage::SignVerify);
        let digest = digest::digest(hash, b"message");
        let signature =
            private.sign(algorithm, MessageType::Digest, digest.as_ref(), &SystemRng).expect("signed");
        assert_eq!(public.verify(algorithm, MessageType::Raw, b"message", &signature), Ok(()), "{algorithm}");
    }
}

/// μ of FIPS 204 computed here, signed by one library and verified by the other, both ways round.
#[test]
fn an_external_mu_is_signed_as_its_message_is() {
    for spec in [KeySpec::MlDsa44, KeySpec::MlDsa65, KeySpec::MlDsa87] {
        let material = KeyMaterial::generate(spec, &SeededRng::new(5)).expect("generated");
        let (private, public) = load(&material, KeyUsage::SignVerify);
        let spki = material.public_key_der().expect("asymmetric");
        let raw = &spki[22..]; // the sequence's header (4), the algorithm identifier (13), the bit string's header (5)
        let mu = mu(raw, b"message");
        let alg = SigningAlgorithm::MlDsaShake256;
        let by_mu = private.sign(alg, MessageType::ExternalMu, &mu, &SystemRng).expect("signed");
        let by_message = private.sign(alg, MessageType::Raw, b"message", &SystemRng).expect("signed");
        assert_ne!(by_mu, by_message, "hedged");
        for signature in [&by_mu, &by_message] {
            assert_eq!(public.verify(alg, MessageType::Raw, b"message", signature), Ok(()), "{spec}");
            assert_eq!(public.verify(alg, MessageType::ExternalMu, &mu, signature), Ok(()), "{spec}");
        }
    }
}

/// SHAKE256(SHAKE256(pk, 64) ‖ 00 ‖ 00 ‖ message, 64): FIPS 204, algorithm 7, with an empty context.
fn mu(public: &[u8], message: &[u8]) -> [u8; 64] {
    use shake::{ExtendableOutput as _, Shake256, Update as _, XofReader as _};
    let hash = |parts: &[&[u8]]| {
        let mut shake = Shake256::default();
        parts.iter().for_each(|part| shake.update(part));
        let mut out = [0; 64];
        shake.finalize_xof().read(&mut out);
        out
    };
    let tr = hash(&[public]);
    hash(&[&tr, &[0, 0], message])
}

#[test]
fn oaep_and_sm2pke_round_trip_and_refuse_alike() {
    for spec in asymmetric(KeyUsage::EncryptDecrypt) {
        let (private, public) = pair(spec, KeyUsage::EncryptDecrypt);
        for &algorithm in spec.encryption_algorithms() {
            for plaintext in [&b"x"[..], &[7; 62]] {
                let mut ciphertext = public.encrypt(algorithm, plaintext, &SystemRng).expect("encrypted");
                assert_eq!(
                    **private.decrypt(algorithm, &ciphertext).expect("decrypted"),
                    *plaintext,
                    "{spec}"
                );
                let last = ciphertext.len() - 1;
                ciphertext[last] ^= 1;
                let shorter = &ciphertext[..last];
                for bad in [&ciphertext[..], shorter, &[], &vec![0xFF; last + 1], &vec![0; last + 1]] {
                    assert_eq!(
                        private.decrypt(algorithm, bad),
                        Err(CryptoError::InvalidCiphertext),
                        "{spec}"
                    );
                }
            }
        }
        let wrong = if spec == KeySpec::Sm2 {
            EncryptionAlgorithm::RsaesOaepSha1
        } else {
            EncryptionAlgorithm::Sm2Pke
        };
        assert_eq!(public.encrypt(wrong, b"x", &SystemRng), Err(CryptoError::UnsupportedAlgorithm));
    }
}

#[test]
fn oaep_takes_what_aws_documents_and_no_more() {
    let (_, public) = pair(KeySpec::Rsa2048, KeyUsage::EncryptDecrypt);
    for (algorithm, longest) in
        [(EncryptionAlgorithm::RsaesOaepSha1, 214), (EncryptionAlgorithm::RsaesOaepSha256, 190)]
    {
        assert!(public.encrypt(algorithm, &vec![1; longest], &SystemRng).is_ok());
        assert_eq!(
            public.encrypt(algorithm, &vec![1; longest + 1], &SystemRng),
            Err(CryptoError::InvalidLength)
        );
    }
}

#[test]
fn both_sides_derive_one_secret_and_bad_peers_are_refused() {
    let alg = KeyAgreementAlgorithm::Ecdh;
    for (spec, len) in [
        (KeySpec::EccNistP256, 32),
        (KeySpec::EccNistP384, 48),
        (KeySpec::EccNistP521, 66),
        (KeySpec::Sm2, 32),
    ] {
        let (a, b) = (KeyMaterial::generate(spec, &SystemRng), KeyMaterial::generate(spec, &SystemRng));
        let (a, b) = (a.expect("generated"), b.expect("generated"));
        let (a_spki, b_spki) = (a.public_key_der().expect("public"), b.public_key_der().expect("public"));
        let (a, _) = load(&a, KeyUsage::KeyAgreement);
        let (b_private, _) = load(&b, KeyUsage::KeyAgreement);
        let secret = a.derive(alg, b_spki).expect("derived");
        assert_eq!(secret.len(), len);
        assert_eq!(secret, b_private.derive(alg, a_spki).expect("derived"), "{spec}");

        let other = if spec == KeySpec::EccNistP256 { KeySpec::EccNistP384 } else { KeySpec::EccNistP256 };
        let other = KeyMaterial::generate(other, &SystemRng).expect("generated");
        let mut off_curve = b_spki.to_vec();
        *off_curve.last_mut().expect("not empty") ^= 1;
        let point = &b_spki[b_spki.len() - (2 * len + 1)..];
        let longer = [b_spki, &[0]].concat();
        for bad in [other.public_key_der().expect("public"), &off_curve, point, &longer, &b_spki[1..], &[]] {
            assert_eq!(a.derive(alg, bad), Err(CryptoError::InvalidPublicKey), "{spec} {} bytes", bad.len());
        }
    }
}

#[test]
fn kem_round_trips_and_rejects_implicitly() {
    let alg = EncapsulationAlgorithm::MlKem;
    for (spec, len) in [(KeySpec::MlKem512, 768), (KeySpec::MlKem768, 1088), (KeySpec::MlKem1024, 1568)] {
        let (private, public) = pair(spec, KeyUsage::EncapsulateDecapsulate);
        let mut made = public.encapsulate(alg).expect("encapsulated");
        assert_eq!((made.ciphertext.len(), made.shared_secret.len()), (len, 32));
        assert_eq!(private.decapsulate(alg, &made.ciphertext).expect("decapsulated"), made.shared_secret);
        made.ciphertext[0] ^= 1;
        let rejected = private.decapsulate(alg, &made.ciphertext).expect("no error: implicit rejection");
        assert_ne!(rejected, made.shared_secret);
        assert_eq!(
            rejected,
            private.decapsulate(alg, &made.ciphertext).expect("as before"),
            "and deterministic"
        );
        made.ciphertext.pop();
        assert_eq!(private.decapsulate(alg, &made.ciphertext), Err(CryptoError::InvalidCiphertext));
    }
}

#[test]
fn macs_verify_in_full_only() {
    for spec in [KeySpec::Hmac224, KeySpec::Hmac256, KeySpec::Hmac384, KeySpec::Hmac512] {
        let material = KeyMaterial::generate(spec, &SeededRng::new(1)).expect("generated");
        let key = MacKey::load(spec, material.secret()).expect("loaded");
        let algorithm = spec.mac_algorithms()[0];
        let mut mac = key.mac(algorithm, b"message").expect("mac");
        assert_eq!(mac.len(), material.secret().len());
        assert_eq!(key.verify_mac(algorithm, b"message", &mac), Ok(()));
        assert_eq!(key.verify_mac(algorithm, b"Message", &mac), Err(CryptoError::InvalidMac));
        assert_eq!(
            key.verify_mac(algorithm, b"message", &mac[..mac.len() - 1]),
            Err(CryptoError::InvalidMac)
        );
        mac[0] ^= 0x80;
        assert_eq!(key.verify_mac(algorithm, b"message", &mac), Err(CryptoError::InvalidMac));
        let other = if spec == KeySpec::Hmac224 { KeySpec::Hmac256 } else { KeySpec::Hmac224 };
        assert_eq!(key.mac(other.mac_algorithms()[0], b""), Err(CryptoError::UnsupportedAlgorithm));
        assert_eq!(MacKey::load(other, material.secret()).err(), Some(CryptoError::InvalidKeyMaterial));
    }
}

#[test]
fn a_key_does_what_its_usage_says_and_nothing_else() {
    let (private, public) = pair(KeySpec::EccNistP256, KeyUsage::KeyAgreement);
    let refused = Some(CryptoError::UnsupportedAlgorithm);
    let alg = SigningAlgorithm::EcdsaSha256;
    assert_eq!(private.sign(alg, MessageType::Raw, b"m", &SystemRng).err(), refused);
    assert_eq!(public.verify(alg, MessageType::Raw, b"m", b"s").err(), refused);
    assert_eq!(private.decrypt(EncryptionAlgorithm::RsaesOaepSha1, b"c").err(), refused);
    assert_eq!(private.decapsulate(EncapsulationAlgorithm::MlKem, b"c").err(), refused);
    assert_eq!(public.encapsulate(EncapsulationAlgorithm::MlKem).err(), refused);

    let (private, _) = pair(KeySpec::EccNistP256, KeyUsage::SignVerify);
    assert_eq!(private.derive(KeyAgreementAlgorithm::Ecdh, b"p").err(), refused);
    assert_eq!(
        private.sign(SigningAlgorithm::EcdsaSha384, MessageType::Raw, b"m", &SystemRng).err(),
        refused
    );

    let material = KeyMaterial::generate(KeySpec::EccSecgP256k1, &SystemRng).expect("generated");
    for &spec in KeySpec::ALL {
        for &usage in KeyUsage::ALL {
            if !spec.is_asymmetric() || !spec.allows(usage) {
                assert_eq!(PrivateKey::load(spec, usage, material.secret()).err(), refused, "{spec} {usage}");
            }
        }
    }
}

#[test]
fn material_of_one_specification_does_not_load_as_another() {
    let material = KeyMaterial::generate(KeySpec::EccNistP256, &SystemRng).expect("generated");
    let spki = material.public_key_der().expect("public");
    for &spec in KeySpec::ALL.iter().filter(|spec| spec.is_asymmetric() && **spec != KeySpec::EccNistP256) {
        for &usage in spec.usages() {
            let private = PrivateKey::load(spec, usage, material.secret());
            assert_eq!(private.err(), Some(CryptoError::InvalidKeyMaterial), "{spec} {usage}");
            let public = PublicKey::load(spec, usage, spki);
            assert_eq!(public.err(), Some(CryptoError::InvalidPublicKey), "{spec} {usage}");
        }
    }
}

#[test]
fn seeded_material_is_a_function_of_the_seed() {
    let seeded = [
        KeySpec::SymmetricDefault,
        KeySpec::Hmac384,
        KeySpec::EccNistEdwards25519,
        KeySpec::MlDsa65,
        KeySpec::Sm2,
    ];
    for spec in seeded {
        let make = |seed| KeyMaterial::generate(spec, &SeededRng::new(seed)).expect("generated").into_parts();
        let ((a, a_public), (b, b_public)) = (make(1), make(1));
        assert_eq!((a.expose(), a_public), (b.expose(), b_public), "{spec}");
        assert_ne!(a, make(2).0, "{spec}");
    }
}

#[test]
fn canonical_material_imports_to_itself_and_damaged_material_does_not() {
    for &spec in KeySpec::ALL
        .iter()
        .filter(|spec| !matches!(spec, KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87))
    {
        let kem = matches!(spec, KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024);
        let (form, secret, public) = if kem {
            let pair = DataKeyPair::generate(spec, &SystemRng).expect("generated");
            let imported = KeyMaterial::import(spec, &pair.private_pkcs8).expect("imported");
            (pair.private_pkcs8.to_vec(), imported.secret().expose().to_vec(), Some(pair.public_spki))
        } else {
            let (secret, public) = KeyMaterial::generate(spec, &SystemRng).expect("generated").into_parts();
            (secret.expose().to_vec(), secret.expose().to_vec(), public)
        };
        let imported = KeyMaterial::import(spec, &form).expect("imported");
        assert_eq!(imported.secret().expose(), secret, "{spec}");
        assert_eq!(imported.public_key_der(), public.as_deref(), "{spec}");
        for bad in [&form[1..], &form[..form.len() - 1], &[form.as_slice(), &[0]].concat(), &[]] {
            assert_eq!(KeyMaterial::import(spec, bad).err(), Some(CryptoError::InvalidKeyMaterial), "{spec}");
        }
    }
}

/// Flipping any byte of a private key either breaks its form or one of the checks that its parts agree; what still loads
/// must be the same key.
#[test]
fn inconsistent_private_keys_are_refused() {
    for spec in [KeySpec::EccNistP256, KeySpec::EccSecgP256k1, KeySpec::MlKem512] {
        let form = DataKeyPair::generate(spec, &SeededRng::new(9)).expect("generated");
        // Every byte of an elliptic-curve key; of an ML-KEM key the part from the public key on (sampled), because a changed
        // secret vector is found by the encapsulation check only with the probability that decryption fails.
        let positions: Vec<usize> = match spec {
            KeySpec::MlKem512 => (800..form.private_pkcs8.len() - 32).step_by(40).collect(),
            _ => (0..form.private_pkcs8.len()).collect(),
        };
        for at in positions {
            let mut bad = form.private_pkcs8.to_vec();
            bad[at] ^= 1;
            if let Ok(material) = KeyMaterial::import(spec, &bad) {
                assert_eq!(material.public_key_der(), Some(form.public_spki.as_slice()), "{spec} byte {at}");
            }
        }
    }
}

#[test]
fn data_key_pairs_are_what_aws_offers() {
    for &spec in KeySpec::ALL.iter().filter(|spec| !matches!(spec, KeySpec::Rsa3072 | KeySpec::Rsa4096)) {
        match DataKeyPair::generate(spec, &SystemRng) {
            Ok(pair) => {
                assert!(spec.is_data_key_pair());
                assert_eq!(pair.private_pkcs8[0], 0x30);
                let usage = spec.usages()[0];
                assert!(PublicKey::load(spec, usage, &pair.public_spki).is_ok(), "{spec}");
            }
            Err(error) => {
                assert_eq!(error, CryptoError::UnsupportedAlgorithm);
                assert!(!spec.is_data_key_pair(), "{spec}");
            }
        }
    }
}

#[test]
fn debug_shows_no_secret() {
    let material = KeyMaterial::generate(KeySpec::Hmac256, &SeededRng::new(3)).expect("generated");
    let secret: &LockedSecret = material.secret();
    let shown =
        format!("{material:?} {secret:?} {:?}", MacKey::load(KeySpec::Hmac256, secret).expect("loaded"));
    assert_eq!(shown, "KeyMaterial(HMAC_256) LockedSecret(32 bytes) MacKey(HMAC_SHA_256)");
}

#[test]
fn loaded_keys_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<PrivateKey>();
    shared::<PublicKey>();
    shared::<MacKey>();
    shared::<KeyMaterial>();
    shared::<garrison_crypto::blob::SymmetricKey>();
    shared::<garrison_crypto::seal::DomainKey>();
}
