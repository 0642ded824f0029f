//! Loaded public keys.

use super::message::{Encrypt, Message, Verify};
use super::spec::{
    EncapsulationAlgorithm, EncryptionAlgorithm, KeySpec, KeyUsage, MessageType, SigningAlgorithm,
};
use super::{ec, ed25519, ml_dsa, ml_kem, rsa, sm2, spki};
use crate::{CryptoError, Rng};
use std::fmt;
use zeroize::Zeroizing;

/// A loaded public key, for its one usage. Every operation that the usage does not include is refused with
/// [`CryptoError::UnsupportedAlgorithm`].
pub struct PublicKey {
    spec: KeySpec,
    operation: Operation,
}

enum Operation {
    Verify(Box<dyn Verify>),
    Encrypt(Box<dyn Encrypt>),
    Encapsulate(ml_kem::Encapsulator),
    /// Usage `KEY_AGREEMENT`: the public key is for the peer.
    None,
}

/// What Encapsulate answers.
pub struct Encapsulated {
    /// The 32 bytes that both sides will share.
    pub shared_secret: Zeroizing<Vec<u8>>,
    /// What the owner of the private key recovers them from: 768, 1088 or 1568 bytes.
    pub ciphertext: Vec<u8>,
}

impl fmt::Debug for Encapsulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encapsulated({} bytes)", self.ciphertext.len())
    }
}

impl PublicKey {
    /// Loads an X.509 SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// [`CryptoError::UnsupportedAlgorithm`] when the specification is symmetric or does not allow the usage;
    /// [`CryptoError::InvalidPublicKey`] when the key is malformed or not of this specification.
    pub fn load(spec: KeySpec, usage: KeyUsage, spki: &[u8]) -> Result<Self, CryptoError> {
        if !spec.is_asymmetric() || !spec.allows(usage) {
            return Err(CryptoError::UnsupportedAlgorithm);
        }
        let raw = spki::public_key(spec, spki).ok_or(CryptoError::InvalidPublicKey)?;
        let operation = match usage {
            KeyUsage::SignVerify => Operation::Verify(verifier(spec, spki, raw)?),
            KeyUsage::EncryptDecrypt if spec == KeySpec::Sm2 => {
                Operation::Encrypt(Box::new(sm2::Public::load(spki)?))
            }
            KeyUsage::EncryptDecrypt => Operation::Encrypt(Box::new(rsa::Encrypter::load(spec, spki)?)),
            KeyUsage::KeyAgreement if spec == KeySpec::Sm2 => {
                sm2::Public::load(spki).map(|_| Operation::None)?
            }
            KeyUsage::KeyAgreement => ec::check_public(spec, spki).map(|()| Operation::None)?,
            KeyUsage::EncapsulateDecapsulate => {
                Operation::Encapsulate(ml_kem::Encapsulator::load(spec, raw)?)
            }
            KeyUsage::GenerateVerifyMac => return Err(CryptoError::UnsupportedAlgorithm),
        };
        Ok(Self { spec, operation })
    }

    /// The specification.
    pub fn spec(&self) -> KeySpec {
        self.spec
    }

    /// Checks a signature.
    ///
    /// # Errors
    /// [`CryptoError::InvalidSignature`] when it is not valid; otherwise as [`super::PrivateKey::sign`].
    pub fn verify(
        &self,
        algorithm: SigningAlgorithm,
        message_type: MessageType,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        match &self.operation {
            Operation::Verify(key) if self.spec.signing_algorithms().contains(&algorithm) => key
                .verify(algorithm, Message::new(algorithm, message_type, message)?, signature)
                .ok_or(CryptoError::InvalidSignature),
            _ => Err(CryptoError::UnsupportedAlgorithm),
        }
    }

    /// Encrypts. The longest plaintext of RSA is the modulus less 42 bytes (SHA-1) or 66 bytes (SHA-256).
    ///
    /// # Errors
    /// [`CryptoError::InvalidLength`] for a plaintext that is empty (SM2) or too long; [`CryptoError::UnsupportedAlgorithm`].
    pub fn encrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        plaintext: &[u8],
        rng: &dyn Rng,
    ) -> Result<Vec<u8>, CryptoError> {
        match &self.operation {
            Operation::Encrypt(key) if self.spec.encryption_algorithms().contains(&algorithm) => {
                key.encrypt(algorithm, plaintext, rng)
            }
            _ => Err(CryptoError::UnsupportedAlgorithm),
        }
    }

    /// Makes a shared secret and its ciphertext, with AWS-LC's own randomness.
    ///
    /// # Errors
    /// [`CryptoError::InvalidPublicKey`] when the key has a coefficient out of range, which no key of ours has;
    /// [`CryptoError::UnsupportedAlgorithm`].
    pub fn encapsulate(&self, algorithm: EncapsulationAlgorithm) -> Result<Encapsulated, CryptoError> {
        match (&self.operation, algorithm) {
            (Operation::Encapsulate(key), EncapsulationAlgorithm::MlKem) => key.encapsulate(),
            _ => Err(CryptoError::UnsupportedAlgorithm),
        }
    }
}

/// `raw` is the key inside `spki`.
fn verifier(spec: KeySpec, spki: &[u8], raw: &[u8]) -> Result<Box<dyn Verify>, CryptoError> {
    use KeySpec as S;
    Ok(match spec {
        S::Rsa2048 | S::Rsa3072 | S::Rsa4096 => Box::new(rsa::Verifier::load(spec, spki)?),
        S::EccNistEdwards25519 => Box::new(ed25519::Verifier::load(raw)?),
        S::MlDsa44 | S::MlDsa65 | S::MlDsa87 => Box::new(ml_dsa::Verifier::load(spec, spki, raw)?),
        S::Sm2 => Box::new(sm2::Public::load(spki)?),
        _ => Box::new(ec::Verifier::load(spec, spki)?),
    })
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.spec)
    }
}
