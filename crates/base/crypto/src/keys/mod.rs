//! Every key specification of AWS KMS: making, importing, loading and using keys.
//!
//! - [`KeyMaterial`] is what the store keeps (sealed): the secret part in one canonical form, and the public part.
//! - [`MacKey`], [`PrivateKey`], [`PublicKey`] and, for `SYMMETRIC_DEFAULT`, [`crate::blob::SymmetricKey`] are loaded keys:
//!   parsed once, shared between threads, cached by the service.
//!
//! The canonical form of the secret part: 32 bytes (`SYMMETRIC_DEFAULT`); 28, 32, 48 or 64 bytes (HMAC); PKCS#8 DER (RSA,
//! elliptic curves, Ed25519, SM2); the 32-byte seed (ML-DSA, FIPS 204); the expanded decapsulation key (ML-KEM, FIPS 203).
//!
//! # Memory
//! Loaded keys live in AWS-LC's objects. AWS-LC frees all memory through `OPENSSL_free`, which cleanses the whole allocation
//! first, and `HMAC_CTX_cleanup` cleanses HMAC states, so dropping a loaded key wipes it. What is beyond our control: copies
//! that the compiler leaves in registers and dead stack frames; and the SM2 library, which wipes its secret key type but
//! not the scalars it computes with.

mod ec;
mod ed25519;
mod mac;
mod material;
mod message;
mod ml_dsa;
mod ml_kem;
mod private;
mod public;
mod rsa;
mod sm2;
mod spec;
mod spki;

pub use mac::MacKey;
pub use material::{DataKeyPair, KeyMaterial};
pub use private::PrivateKey;
pub use public::{Encapsulated, PublicKey};
pub use spec::{
    EncapsulationAlgorithm, EncryptionAlgorithm, KeyAgreementAlgorithm, KeySpec, KeyUsage, MacAlgorithm,
    MessageType, SigningAlgorithm, UnknownName, WrappingAlgorithm,
};
