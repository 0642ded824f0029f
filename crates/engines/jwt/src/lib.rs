//! JSON Web Tokens: tokens of identity providers read and verified, and tokens of our own signed.
//!
//! - [`Jws`] reads a compact token (RFC 7515) and verifies its signature with a [`JwkSet`] (RFC 7517).
//! - [`Claims`] are what a verified token says (RFC 7519).
//! - [`SigningKey`] signs, and shows its public key as a JWK.
//!
//! # Rules
//! - Signatures of asymmetric algorithms only (RFC 7518 and RFC 8037): `none` and HMAC do not exist here, so that a token
//!   cannot choose to be verified with a public key as a secret.
//! - What is read is bounded: [`MAX_TOKEN_LEN`], [`MAX_KEY_SET_LEN`], [`MAX_KEYS`].
//! - No input or output, no clock: times are compared by the caller.
//!
//! Architecture invariant: nothing here knows a service, or fetches a key.

mod algorithm;
mod claims;
mod jwk;
mod jws;
mod signing;

pub use algorithm::Algorithm;
pub use claims::Claims;
pub use jwk::{JwkSet, MAX_KEY_SET_LEN, MAX_KEYS};
pub use jws::{Jws, MAX_TOKEN_LEN};
pub use signing::{SigningAlgorithm, SigningKey};

/// Why a token or a key set is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// Longer than what is read.
    #[error("it is too long")]
    TooLong,
    /// Not three parts of base64url with JSON objects in them, or not a set of keys.
    #[error("it is malformed")]
    Malformed,
    /// An algorithm that is not taken: `none`, HMAC, or one that is unknown.
    #[error("its algorithm is not supported")]
    Algorithm,
    /// The header demands an extension that must be understood (`crit`).
    #[error("it demands an unknown extension")]
    Critical,
    /// The key set has no key that could have signed it.
    #[error("no key of the set is meant for it")]
    NoKey,
    /// The signature is wrong.
    #[error("its signature is wrong")]
    Signature,
    /// Keys could not be made, or signing failed.
    #[error("signing failed")]
    Signing,
}

/// base64url without padding. Bits left over must be zero.
fn decode(text: &str) -> Result<Vec<u8>, JwtError> {
    base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text).map_err(|_| JwtError::Malformed)
}

fn encode(bytes: &[u8]) -> String {
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes)
}
