//! SAML 2.0 responses: read, their XML signature verified, and what they say.
//!
//! - [`Metadata`] is what a provider's metadata document says: who it is, until when it holds, and the keys that it signs with.
//! - [`Assertion::verified`] reads a response and gives the one assertion in it that the provider signed.
//!
//! # Rules
//! - The XML is a strict subset: no document type, no processing instructions, no entities but the five predefined ones;
//!   bounded in size, depth and number of elements ([`MAX_DOCUMENT_LEN`]).
//! - What is read is what was signed: the elements come from the very tree, and the very element, whose digest was
//!   verified, so that a signature cannot be wrapped around something else. A document in which an id occurs twice, or that
//!   has two assertions, is refused.
//! - Signatures: exclusive canonicalization, RSA (PKCS#1 v1.5) or ECDSA with SHA-256, SHA-384 or SHA-512. SHA-1 is not
//!   taken. Keys come from the metadata alone, never from the response.
//! - Encrypted assertions: RSA-OAEP, whose two hash functions are one, and AES with GCM or CBC. RSAES-PKCS1-v1_5 and Triple DES
//!   are not taken. CBC does not show that a ciphertext was altered; the signature does, and no answer tells one failure
//!   from the other.
//! - No input or output, no clock: times are compared by the caller.
//!
//! Sources: OASIS "Assertions and Protocols for SAML V2.0"; W3C "XML Signature Syntax and Processing"; W3C "Exclusive XML
//! Canonicalization Version 1.0"; W3C "XML Encryption Syntax and Processing Version 1.1".
//!
//! Architecture invariant: nothing here knows a service or AWS's attributes.

mod assertion;
mod canonical;
mod encryption;
mod key;
mod metadata;
mod names;
mod signature;
mod xml;

pub use assertion::{Assertion, Confirmation, NameId};
pub use encryption::Encryption;
pub use metadata::Metadata;

use garrison_types::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The longest document that is read, in bytes. Source: IAM's and STS's models (10,000,000 for metadata; 100,000 characters
/// of base64 for a response), of which this is enough.
pub const MAX_DOCUMENT_LEN: usize = 10_000_000;

/// Why a document is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SamlError {
    /// Not XML, or XML beyond what is read here.
    #[error("the XML is refused: {0}")]
    Xml(&'static str),
    /// Not a document of this kind, or one that lacks something.
    #[error("the document is refused: {0}")]
    Document(&'static str),
    /// The provider says that it could not vouch for the subject.
    #[error("the response's status is not success")]
    Status,
    /// Signed or encrypted in a way that is not taken.
    #[error("not supported: {0}")]
    Unsupported(&'static str),
    /// An encrypted assertion cannot be decrypted, or what it decrypts to is not signed: which of them is not said.
    #[error("the encrypted assertion cannot be decrypted, or its signature is wrong")]
    Decryption,
    /// There is no signature over the assertion, or it is wrong.
    #[error("the signature is wrong or missing")]
    Signature,
}

/// A time as XML Schema's `dateTime` with a time zone has it.
fn time(text: &str) -> Option<Timestamp> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok().map(Timestamp::from_millis)
}

/// Base64 with white space in it, as XML has it.
fn base64(text: &str) -> Option<Vec<u8>> {
    let packed: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    base64_simd::STANDARD.decode_to_vec(packed).ok()
}
