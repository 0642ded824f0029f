//! Loaded private keys.

use super::message::{Agree, Decrypt, Message, Sign};
use super::spec::{
    EncapsulationAlgorithm, EncryptionAlgorithm, KeyAgreementAlgorithm, KeySpec, KeyUsage, MessageType,
    SigningAlgorithm,
};
use super::{ec, ed25519, ml_dsa, ml_kem, rsa, sm2};
use crate::{CryptoError, LockedSecret, Rng};
use std::fmt;
use zeroize::Zeroizing;

/// A loaded private key, for its one usage. Every operation that the usage does not include is refused with
/// [`CryptoError::UnsupportedAlgorithm`].
pub struct PrivateKey {
    spec: KeySpec,
    operation: Operation,
}

enum Operation {
    Sign(Box<dyn Sign>),
    Decrypt(Box<dyn Decrypt>),
    Agree(Box<dyn Agree>),
    Decapsulate(ml_kem::Decapsulator),
}

impl PrivateKey {
    /// Loads the canonical secret part ([`super::KeyMaterial::secret`]) of an asymmetric key.
    ///
    /// # Errors
    /// [`CryptoError::UnsupportedAlgorithm`] when the specification is symmetric or does not allow the usage;
    /// [`CryptoError::InvalidKeyMaterial`] when the material is not of this specification.
    pub fn load(spec: KeySpec, usage: KeyUsage, material: &LockedSecret) -> Result<Self, CryptoError> {
        if !spec.is_asymmetric() || !spec.allows(usage) {
            return Err(CryptoError::UnsupportedAlgorithm);
        }
        let operation = match usage {
            KeyUsage::SignVerify => Operation::Sign(signer(spec, material)?),
            KeyUsage::EncryptDecrypt if spec == KeySpec::Sm2 => {
                Operation::Decrypt(Box::new(sm2::Private::load(material)?))
            }
            KeyUsage::EncryptDecrypt => Operation::Decrypt(Box::new(rsa::Decrypter::load(spec, material)?)),
            KeyUsage::KeyAgreement if spec == KeySpec::Sm2 => {
                Operation::Agree(Box::new(sm2::Private::load(material)?))
            }
            KeyUsage::KeyAgreement => Operation::Agree(Box::new(ec::Agreer::load(spec, material)?)),
            KeyUsage::EncapsulateDecapsulate => {
                Operation::Decapsulate(ml_kem::Decapsulator::load(spec, material)?)
            }
            KeyUsage::GenerateVerifyMac => return Err(CryptoError::UnsupportedAlgorithm),
        };
        Ok(Self { spec, operation })
    }

    /// The specification.
    pub fn spec(&self) -> KeySpec {
        self.spec
    }

    /// Signs. ECDSA and SM2 signatures are DER; the others are as their standards have them.
    ///
    /// # Errors
    /// [`CryptoError::UnsupportedAlgorithm`], [`CryptoError::UnsupportedMessageType`], or [`CryptoError::InvalidLength`] for a
    /// digest or message representative of a wrong length.
    pub fn sign(
        &self,
        algorithm: SigningAlgorithm,
        message_type: MessageType,
        message: &[u8],
        rng: &dyn Rng,
    ) -> Result<Vec<u8>, CryptoError> {
        match &self.operation {
            Operation::Sign(key) if self.spec.signing_algorithms().contains(&algorithm) => {
                key.sign(algorithm, Message::new(algorithm, message_type, message)?, rng)
            }
            _ => Err(CryptoError::UnsupportedAlgorithm),
        }
    }

    /// Decrypts what was encrypted with the public key.
    ///
    /// # Errors
    /// [`CryptoError::InvalidCiphertext`] for whatever does not decrypt; [`CryptoError::UnsupportedAlgorithm`].
    pub fn decrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        match &self.operation {
            Operation::Decrypt(key) if self.spec.encryption_algorithms().contains(&algorithm) => {
                key.decrypt(algorithm, ciphertext).ok_or(CryptoError::InvalidCiphertext)
            }
            _ => Err(CryptoError::UnsupportedAlgorithm),
        }
    }

    /// The secret shared with the owner of `peer_spki`, an X.509 SubjectPublicKeyInfo in DER: the raw x coordinate, as long
    /// as the curve's field (32, 48 or 66 bytes).
    ///
    /// # Errors
    /// [`CryptoError::InvalidPublicKey`] when the peer's key is malformed, on another curve or not on its curve;
    /// [`CryptoError::UnsupportedAlgorithm`].
    pub fn derive(
        &self,
        algorithm: KeyAgreementAlgorithm,
        peer_spki: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        match (&self.operation, algorithm) {
            (Operation::Agree(key), KeyAgreementAlgorithm::Ecdh) => key.agree(peer_spki),
            _ => Err(CryptoError::UnsupportedAlgorithm),
        }
    }

    /// Recovers the 32-byte shared secret. A ciphertext that was altered, or made for another key, gives a different secret
    /// and no error (implicit rejection, FIPS 203).
    ///
    /// # Errors
    /// [`CryptoError::InvalidCiphertext`] when the length is not the specification's; [`CryptoError::UnsupportedAlgorithm`].
    pub fn decapsulate(
        &self,
        algorithm: EncapsulationAlgorithm,
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        match (&self.operation, algorithm) {
            (Operation::Decapsulate(key), EncapsulationAlgorithm::MlKem) => key.decapsulate(ciphertext),
            _ => Err(CryptoError::UnsupportedAlgorithm),
        }
    }
}

fn signer(spec: KeySpec, material: &LockedSecret) -> Result<Box<dyn Sign>, CryptoError> {
    use KeySpec as S;
    Ok(match spec {
        S::Rsa2048 | S::Rsa3072 | S::Rsa4096 => Box::new(rsa::Signer::load(spec, material)?),
        S::EccNistEdwards25519 => Box::new(ed25519::Signer::load(material)?),
        S::MlDsa44 | S::MlDsa65 | S::MlDsa87 => Box::new(ml_dsa::Signer::load(spec, material)?),
        S::Sm2 => Box::new(sm2::Private::load(material)?),
        _ => Box::new(ec::Signer::load(spec, material)?),
    })
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.spec)
    }
}
