//! The one error type of this crate.

use crate::blob::BlobError;

/// Why a cryptographic operation was refused.
///
/// The variants say what the *caller* got wrong. They never say how far a decryption or a signature check came, because
/// that is what padding and timing oracles are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// The key's specification or usage does not offer the algorithm or the operation.
    #[error("the algorithm is not offered by this key")]
    UnsupportedAlgorithm,
    /// The message type does not fit the algorithm (for example `EXTERNAL_MU` with an RSA key).
    #[error("the message type does not fit the algorithm")]
    UnsupportedMessageType,
    /// A plaintext, digest or message representative has a length the algorithm cannot take.
    #[error("the message has a length that the algorithm cannot take")]
    InvalidLength,
    /// The signature is not that of this message under this key.
    #[error("the signature is not valid")]
    InvalidSignature,
    /// The message authentication code is not that of this message under this key.
    #[error("the message authentication code is not valid")]
    InvalidMac,
    /// The ciphertext cannot be decrypted: wrong key, wrong context, altered, or malformed.
    #[error("the ciphertext is not valid")]
    InvalidCiphertext,
    /// The bytes are not a well-formed symmetric ciphertext blob.
    #[error("the ciphertext blob is not well formed")]
    Blob(#[from] BlobError),
    /// Private or secret key material that does not fit its specification.
    #[error("the key material does not fit the key specification")]
    InvalidKeyMaterial,
    /// A public key that cannot be parsed, is of another kind, or is not on its curve.
    #[error("the public key is not valid for the key specification")]
    InvalidPublicKey,
    /// A sealed record that this root cannot open: wrong key, moved to another store key, altered, or of an unknown version.
    #[error("the sealed record cannot be opened")]
    InvalidSealedRecord,
    /// Memory for a secret could not be locked and the policy is strict ([`crate::secret::SecretMemory`]).
    #[error("memory for a secret could not be locked")]
    MemoryLock,
    /// The library failed in a way that valid input cannot cause.
    #[error("the cryptographic library failed")]
    Internal,
}

impl From<aws_lc_rs::error::Unspecified> for CryptoError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Internal
    }
}
