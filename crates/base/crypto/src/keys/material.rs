//! Key material: what the store keeps.

use super::message::Pair;
use super::spec::KeySpec;
use super::{ec, ed25519, mac, ml_dsa, ml_kem, rsa, sm2};
use crate::{CryptoError, LockedSecret, Rng, der};
use std::fmt;
use zeroize::Zeroizing;

/// The material of one key: the secret part in its canonical form (see [`crate::keys`]) and the public part, if any.
pub struct KeyMaterial {
    spec: KeySpec,
    secret: LockedSecret,
    public: Option<Vec<u8>>,
}

impl KeyMaterial {
    /// New material. `rng` gives the bytes of symmetric and HMAC keys and the seeds of Ed25519, ML-DSA and SM2 keys; for RSA,
    /// the other curves and ML-KEM, AWS-LC draws them from its own generator.
    ///
    /// # Errors
    /// [`CryptoError::MemoryLock`] as [`LockedSecret::new_with`].
    pub fn generate(spec: KeySpec, rng: &dyn Rng) -> Result<Self, CryptoError> {
        use KeySpec as S;
        let pair = match spec {
            S::SymmetricDefault | S::Hmac224 | S::Hmac256 | S::Hmac384 | S::Hmac512 => {
                let len = symmetric_len(spec).ok_or(CryptoError::Internal)?;
                return Ok(Self { spec, secret: LockedSecret::random(len, rng)?, public: None });
            }
            S::Rsa2048 | S::Rsa3072 | S::Rsa4096 => rsa::generate(spec)?,
            S::EccNistP256 | S::EccNistP384 | S::EccNistP521 | S::EccSecgP256k1 => ec::generate(spec)?,
            S::EccNistEdwards25519 => ed25519::generate(rng)?,
            S::MlDsa44 | S::MlDsa65 | S::MlDsa87 => ml_dsa::generate(spec, rng)?,
            S::MlKem512 | S::MlKem768 | S::MlKem1024 => ml_kem::generate(spec)?,
            S::Sm2 => sm2::generate(rng)?,
        };
        Ok(Self::of_pair(spec, pair))
    }

    /// Takes material from outside, after unwrapping ([`crate::import`]): exactly 32 bytes (`SYMMETRIC_DEFAULT`) or the hash's
    /// length (HMAC); PKCS#8 DER otherwise, whose algorithm, curve or modulus length must be the specification's, and
    /// whose parts must agree. ML-DSA keys must include their seed; ML-KEM keys are taken in the expanded form.
    ///
    /// # Errors
    /// [`CryptoError::InvalidKeyMaterial`] for anything else.
    pub fn import(spec: KeySpec, plaintext: &[u8]) -> Result<Self, CryptoError> {
        use KeySpec as S;
        if spec.is_asymmetric() && !der::is_one_sequence(plaintext) {
            return Err(CryptoError::InvalidKeyMaterial); // AWS-LC would overlook bytes after the structure
        }
        let pair = match spec {
            S::SymmetricDefault | S::Hmac224 | S::Hmac256 | S::Hmac384 | S::Hmac512 => {
                if symmetric_len(spec) != Some(plaintext.len()) {
                    return Err(CryptoError::InvalidKeyMaterial);
                }
                return Ok(Self { spec, secret: LockedSecret::copy_of(plaintext)?, public: None });
            }
            S::Rsa2048 | S::Rsa3072 | S::Rsa4096 => rsa::from_pkcs8(spec, plaintext)?,
            S::EccNistP256 | S::EccNistP384 | S::EccNistP521 | S::EccSecgP256k1 => {
                ec::from_pkcs8(spec, plaintext)?
            }
            S::EccNistEdwards25519 => ed25519::from_pkcs8(plaintext)?,
            S::MlDsa44 | S::MlDsa65 | S::MlDsa87 => ml_dsa::from_pkcs8(spec, plaintext)?,
            S::MlKem512 | S::MlKem768 | S::MlKem1024 => ml_kem::from_pkcs8(spec, plaintext)?,
            S::Sm2 => sm2::from_pkcs8(plaintext)?,
        };
        Ok(Self::of_pair(spec, pair))
    }

    fn of_pair(spec: KeySpec, pair: Pair) -> Self {
        Self { spec, secret: pair.private, public: Some(pair.public) }
    }

    /// The specification.
    pub fn spec(&self) -> KeySpec {
        self.spec
    }

    /// The secret part in canonical form: what is sealed for the store, and loaded from it.
    pub fn secret(&self) -> &LockedSecret {
        &self.secret
    }

    /// The public part as X.509 SubjectPublicKeyInfo in DER; `None` for symmetric and HMAC keys.
    pub fn public_key_der(&self) -> Option<&[u8]> {
        self.public.as_deref()
    }

    /// The parts: secret, and public if any.
    pub fn into_parts(self) -> (LockedSecret, Option<Vec<u8>>) {
        (self.secret, self.public)
    }
}

impl fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyMaterial({})", self.spec)
    }
}

fn symmetric_len(spec: KeySpec) -> Option<usize> {
    if spec == KeySpec::SymmetricDefault { Some(32) } else { mac::key_len(spec) }
}

/// What GenerateDataKeyPair answers: a key pair that leaves the service.
pub struct DataKeyPair {
    /// The private key as unencrypted PKCS#8 DER (RFC 5958).
    pub private_pkcs8: Zeroizing<Vec<u8>>,
    /// The public key as X.509 SubjectPublicKeyInfo in DER.
    pub public_spki: Vec<u8>,
}

impl DataKeyPair {
    /// A new key pair of a specification for which [`KeySpec::is_data_key_pair`] holds.
    ///
    /// # Errors
    /// [`CryptoError::UnsupportedAlgorithm`] for another specification.
    pub fn generate(spec: KeySpec, rng: &dyn Rng) -> Result<Self, CryptoError> {
        if !spec.is_data_key_pair() {
            return Err(CryptoError::UnsupportedAlgorithm);
        }
        let (secret, public) = KeyMaterial::generate(spec, rng)?.into_parts();
        let private_pkcs8 = match spec {
            KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024 => ml_kem::to_pkcs8(spec, &secret)?,
            _ => Zeroizing::new(secret.expose().to_vec()),
        };
        Ok(Self { private_pkcs8, public_spki: public.ok_or(CryptoError::Internal)? })
    }
}

impl fmt::Debug for DataKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKeyPair")
    }
}
