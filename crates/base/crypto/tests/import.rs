//! Importing key material as a customer wraps it.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a failed expectation is a failed test")]

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded as _};
use garrison_crypto::import::import;
use garrison_crypto::keys::{
    EncryptionAlgorithm, KeyMaterial, KeySpec, KeyUsage, PrivateKey, PublicKey, WrappingAlgorithm,
};
use garrison_crypto::{CryptoError, SystemRng};

fn wrapping_pair(spec: KeySpec) -> (PrivateKey, PublicKey) {
    let material = KeyMaterial::generate(spec, &SystemRng).expect("generated");
    let spki = material.public_key_der().expect("asymmetric");
    (
        PrivateKey::load(spec, KeyUsage::EncryptDecrypt, material.secret()).expect("loads"),
        PublicKey::load(spec, KeyUsage::EncryptDecrypt, spki).expect("loads"),
    )
}

fn encrypt(public: &PublicKey, algorithm: EncryptionAlgorithm, plaintext: &[u8]) -> Vec<u8> {
    public.encrypt(algorithm, plaintext, &SystemRng).expect("encrypted")
}

fn kwp(kek: &[u8], material: &[u8]) -> Vec<u8> {
    let mut wrapped = vec![0; material.len() + 15];
    let kek = AesKek::new(&AES_256, kek).expect("32 bytes");
    kek.wrap_with_padding(material, &mut wrapped).expect("wrapped").to_vec()
}

/// What the customer sends for `material`.
fn wrap(public: &PublicKey, algorithm: WrappingAlgorithm, material: &[u8]) -> Vec<u8> {
    use EncryptionAlgorithm as A;
    let kek = [0x4B; 32];
    match algorithm {
        WrappingAlgorithm::RsaesOaepSha1 => encrypt(public, A::RsaesOaepSha1, material),
        WrappingAlgorithm::RsaesOaepSha256 => encrypt(public, A::RsaesOaepSha256, material),
        WrappingAlgorithm::Sm2Pke => encrypt(public, A::Sm2Pke, material),
        WrappingAlgorithm::RsaAesKeyWrapSha1 => {
            [encrypt(public, A::RsaesOaepSha1, &kek), kwp(&kek, material)].concat()
        }
        WrappingAlgorithm::RsaAesKeyWrapSha256 => {
            [encrypt(public, A::RsaesOaepSha256, &kek), kwp(&kek, material)].concat()
        }
    }
}

const HYBRID: [WrappingAlgorithm; 2] =
    [WrappingAlgorithm::RsaAesKeyWrapSha1, WrappingAlgorithm::RsaAesKeyWrapSha256];

#[test]
fn every_specification_imports_by_every_algorithm_that_fits_it() {
    let rsa = wrapping_pair(KeySpec::Rsa3072);
    let sm2 = wrapping_pair(KeySpec::Sm2);
    let mut imported = 0;
    for spec in [
        KeySpec::SymmetricDefault,
        KeySpec::Hmac224,
        KeySpec::Hmac512,
        KeySpec::Rsa2048,
        KeySpec::EccNistP256,
        KeySpec::EccNistP521,
        KeySpec::EccSecgP256k1,
        KeySpec::EccNistEdwards25519,
        KeySpec::Sm2,
    ] {
        let material = KeyMaterial::generate(spec, &SystemRng).expect("generated");
        for &algorithm in WrappingAlgorithm::ALL {
            if spec == KeySpec::Rsa2048 && !HYBRID.contains(&algorithm) {
                continue; // too long for RSAES, and refused below
            }
            let (private, public) = if algorithm == WrappingAlgorithm::Sm2Pke { &sm2 } else { &rsa };
            let encrypted = wrap(public, algorithm, material.secret().expose());
            let found = import(spec, algorithm, private, &encrypted).expect("imported");
            assert_eq!(found.secret(), material.secret(), "{spec} {algorithm}");
            assert_eq!(found.public_key_der(), material.public_key_der(), "{spec} {algorithm}");
            imported += 1;
        }
    }
    assert_eq!(imported, 8 * 5 + 2);
}

#[test]
fn what_does_not_unwrap_is_an_invalid_ciphertext() {
    let (private, public) = wrapping_pair(KeySpec::Rsa2048);
    for &algorithm in WrappingAlgorithm::ALL.iter().filter(|a| **a != WrappingAlgorithm::Sm2Pke) {
        let good = wrap(&public, algorithm, &[1; 32]);
        let mut damaged =
            vec![good[..good.len() - 1].to_vec(), [good.as_slice(), &[0]].concat(), vec![], vec![0; 7000]];
        for at in [0, 255, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            damaged.push(bad);
        }
        for bad in damaged {
            let found = import(KeySpec::SymmetricDefault, algorithm, &private, &bad);
            assert_eq!(found.err(), Some(CryptoError::InvalidCiphertext), "{algorithm} {} bytes", bad.len());
        }
    }
}

#[test]
fn a_wrapped_key_of_another_length_than_aes_256_is_refused() {
    let (private, public) = wrapping_pair(KeySpec::Rsa2048);
    let short_kek = encrypt(&public, EncryptionAlgorithm::RsaesOaepSha256, &[1; 16]);
    let encrypted = [short_kek, kwp(&[1; 32], &[2; 32])].concat();
    let found =
        import(KeySpec::SymmetricDefault, WrappingAlgorithm::RsaAesKeyWrapSha256, &private, &encrypted);
    assert_eq!(found.err(), Some(CryptoError::InvalidCiphertext));
}

#[test]
fn what_unwraps_but_does_not_fit_is_invalid_material() {
    let (private, public) = wrapping_pair(KeySpec::Rsa2048);
    let p384 = KeyMaterial::generate(KeySpec::EccNistP384, &SystemRng).expect("generated");
    let cases: [(KeySpec, &[u8]); 5] = [
        (KeySpec::SymmetricDefault, &[1; 16]),
        (KeySpec::SymmetricDefault, &[1; 33]),
        (KeySpec::Hmac256, &[1; 31]),
        (KeySpec::EccNistP256, p384.secret().expose()),
        (KeySpec::Rsa2048, p384.secret().expose()),
    ];
    for (spec, plaintext) in cases {
        let algorithm = WrappingAlgorithm::RsaAesKeyWrapSha256;
        let found = import(spec, algorithm, &private, &wrap(&public, algorithm, plaintext));
        assert_eq!(found.err(), Some(CryptoError::InvalidKeyMaterial), "{spec}");
    }
}

#[test]
fn algorithms_that_the_wrapping_key_or_the_specification_does_not_offer_are_refused() {
    let (rsa, _) = wrapping_pair(KeySpec::Rsa2048);
    let (sm2, _) = wrapping_pair(KeySpec::Sm2);
    let refused = Some(CryptoError::UnsupportedAlgorithm);
    let symmetric = KeySpec::SymmetricDefault;
    assert_eq!(import(KeySpec::Rsa2048, WrappingAlgorithm::RsaesOaepSha256, &rsa, &[0; 256]).err(), refused);
    assert_eq!(import(symmetric, WrappingAlgorithm::Sm2Pke, &rsa, &[0; 256]).err(), refused);
    assert_eq!(import(symmetric, WrappingAlgorithm::RsaesOaepSha256, &sm2, &[0; 256]).err(), refused);
    assert_eq!(import(symmetric, WrappingAlgorithm::RsaAesKeyWrapSha256, &sm2, &[0; 300]).err(), refused);
}
