//! What is signed: a message, a digest of one, or ML-DSA's message representative.

use super::spec::{MessageType, SigningAlgorithm};
use crate::CryptoError;

/// A message whose type the algorithm takes and whose length its type demands.
#[derive(Clone, Copy)]
pub(super) enum Message<'a> {
    Raw(&'a [u8]),
    Digest(&'a [u8]),
    Mu(&'a [u8; 64]),
}

impl<'a> Message<'a> {
    pub(super) fn new(
        algorithm: SigningAlgorithm,
        message_type: MessageType,
        bytes: &'a [u8],
    ) -> Result<Self, CryptoError> {
        if !algorithm.takes(message_type) {
            return Err(CryptoError::UnsupportedMessageType);
        }
        match message_type {
            MessageType::Raw => Ok(Self::Raw(bytes)),
            MessageType::Digest if algorithm.digest_len() == Some(bytes.len()) => Ok(Self::Digest(bytes)),
            MessageType::ExternalMu => bytes.try_into().map(Self::Mu).map_err(|_| CryptoError::InvalidLength),
            MessageType::Digest => Err(CryptoError::InvalidLength),
        }
    }
}

/// What a private key with usage `SIGN_VERIFY` does. `message` was made for `algorithm`, and `algorithm` is one of the key's.
pub(super) trait Sign: Send + Sync {
    fn sign(
        &self,
        algorithm: SigningAlgorithm,
        message: Message<'_>,
        rng: &dyn crate::Rng,
    ) -> Result<Vec<u8>, CryptoError>;
}

/// What a public key with usage `SIGN_VERIFY` does, under the same conditions.
pub(super) trait Verify: Send + Sync {
    /// `None` for any signature that is not valid.
    fn verify(&self, algorithm: SigningAlgorithm, message: Message<'_>, signature: &[u8]) -> Option<()>;
}

/// What a private key with usage `ENCRYPT_DECRYPT` does.
pub(super) trait Decrypt: Send + Sync {
    /// `None` for any ciphertext that does not decrypt, whatever the reason.
    fn decrypt(
        &self,
        algorithm: super::EncryptionAlgorithm,
        ciphertext: &[u8],
    ) -> Option<zeroize::Zeroizing<Vec<u8>>>;
}

/// What a public key with usage `ENCRYPT_DECRYPT` does.
pub(super) trait Encrypt: Send + Sync {
    fn encrypt(
        &self,
        algorithm: super::EncryptionAlgorithm,
        plaintext: &[u8],
        rng: &dyn crate::Rng,
    ) -> Result<Vec<u8>, CryptoError>;
}

/// What a private key with usage `KEY_AGREEMENT` does.
pub(super) trait Agree: Send + Sync {
    fn agree(&self, peer_spki: &[u8]) -> Result<zeroize::Zeroizing<Vec<u8>>, CryptoError>;
}

/// The secret part in canonical form and the public part as SPKI DER, as each family of keys makes them.
pub(super) struct Pair {
    pub(super) private: crate::LockedSecret,
    pub(super) public: Vec<u8>,
}
