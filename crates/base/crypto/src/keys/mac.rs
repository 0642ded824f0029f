//! HMAC keys.

use super::spec::{KeySpec, MacAlgorithm};
use crate::stack::swept;
use crate::{CryptoError, LockedSecret};
use aws_lc_rs::hmac;

/// The length in bytes of the key of an HMAC specification: that of the hash, as AWS has it.
pub(super) const fn key_len(spec: KeySpec) -> Option<usize> {
    match spec {
        KeySpec::Hmac224 => Some(28),
        KeySpec::Hmac256 => Some(32),
        KeySpec::Hmac384 => Some(48),
        KeySpec::Hmac512 => Some(64),
        _ => None,
    }
}

/// A loaded HMAC key.
pub struct MacKey {
    algorithm: MacAlgorithm,
    key: Box<hmac::Key>,
}

impl MacKey {
    /// Loads key material of an `HMAC_…` specification.
    ///
    /// # Errors
    /// [`CryptoError::UnsupportedAlgorithm`] for another specification, [`CryptoError::InvalidKeyMaterial`] for another length
    /// than the specification's.
    pub fn load(spec: KeySpec, material: &LockedSecret) -> Result<Self, CryptoError> {
        let algorithm = *spec.mac_algorithms().first().ok_or(CryptoError::UnsupportedAlgorithm)?;
        if key_len(spec) != Some(material.len()) {
            return Err(CryptoError::InvalidKeyMaterial);
        }
        let hash = match algorithm {
            MacAlgorithm::HmacSha224 => hmac::HMAC_SHA224,
            MacAlgorithm::HmacSha256 => hmac::HMAC_SHA256,
            MacAlgorithm::HmacSha384 => hmac::HMAC_SHA384,
            MacAlgorithm::HmacSha512 => hmac::HMAC_SHA512,
        };
        Ok(Self { algorithm, key: swept(|| Box::new(hmac::Key::new(hash, material.expose()))) })
    }

    /// The HMAC of `message`: 28, 32, 48 or 64 bytes.
    ///
    /// # Errors
    /// [`CryptoError::UnsupportedAlgorithm`] when `algorithm` is not the key's.
    pub fn mac(&self, algorithm: MacAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.check(algorithm)?;
        Ok(swept(|| hmac::sign(&self.key, message).as_ref().to_vec()))
    }

    /// Whether `mac` is the HMAC of `message`; compared in constant time, and never truncated.
    ///
    /// # Errors
    /// [`CryptoError::InvalidMac`] when it is not, [`CryptoError::UnsupportedAlgorithm`] when `algorithm` is not the key's.
    pub fn verify_mac(&self, algorithm: MacAlgorithm, message: &[u8], mac: &[u8]) -> Result<(), CryptoError> {
        self.check(algorithm)?;
        swept(|| hmac::verify(&self.key, message, mac)).map_err(|_| CryptoError::InvalidMac)
    }

    fn check(&self, algorithm: MacAlgorithm) -> Result<(), CryptoError> {
        if algorithm == self.algorithm { Ok(()) } else { Err(CryptoError::UnsupportedAlgorithm) }
    }
}

impl std::fmt::Debug for MacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MacKey({})", self.algorithm)
    }
}
