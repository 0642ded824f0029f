//! Garrison's cryptography (see ARCHITECTURE.md): locked secret memory, the sealed root of trust, the KMS ciphertext
//! blob, and every key specification of AWS KMS. AWS-LC, through `aws-lc-rs`, does the work; other libraries stand in only
//! for what it does not offer (Ed25519ph, ML-DSA with an external message representative, SM2).
//!
//! # Rules
//! - No input or output, no clock. Randomness is a parameter ([`rng::Rng`]), except where AWS-LC itself draws it: RSA,
//!   elliptic-curve and ML-KEM key generation, signature nonces, PSS salts, OAEP seeds.
//! - Key material lives in [`secret::LockedSecret`] or in AWS-LC's own objects, whose memory AWS-LC cleanses when it frees
//!   it. Everything between the two is a `Zeroizing` buffer.
//! - Errors ([`CryptoError`]) do not tell one reason for a failed decryption from another.

pub mod blob;
pub mod context;
mod der;
mod error;
mod hex;
pub mod import;
pub mod kdf;
pub mod keys;
pub mod material_id;
pub mod rng;
pub mod seal;
pub mod secret;
pub mod segments;
mod stack;
pub mod testing;

pub use error::CryptoError;
pub use rng::{Rng, SystemRng};
pub use secret::LockedSecret;
