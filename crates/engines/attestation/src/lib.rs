//! Attestation documents of AWS Nitro Enclaves and AWS NitroTPM: proof of what runs in an isolated environment, with a
//! public key that only this environment can use. And the envelope in which an answer is sealed for that key.
//!
//! [`verify`] takes a signed document (COSE_Sign1 over CBOR, RFC 9052 and RFC 8949), trust roots and a point in time,
//! and gives back what the document proves, or why it proves nothing. [`RecipientKey::seal`] encrypts for it (CMS
//! EnvelopedData, RFC 5652).
//!
//! Sources: the Nitro Enclaves attestation process (`docs/attestation_process.md` of `aws/aws-nitro-enclaves-nsm-api`);
//! EC2 User Guide, "Validate a NitroTPM Attestation Document"; KMS Developer Guide, "Cryptographic attestation support".
//!
//! # Rules
//! - No input or output, no clock. Randomness is a parameter, except OAEP's seed, which AWS-LC draws.
//! - Everything read is bounded: the document by [`MAX_DOCUMENT`], its parts by AWS's limits. Nothing recurses.

mod cbor;
mod certificate;
mod document;
mod envelope;
mod error;

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED, UnparsedPublicKey};
use garrison_types::Timestamp;

pub use certificate::TrustRoots;
pub use document::{MAX_DOCUMENT, Platform};
pub use envelope::{RecipientKey, SealError};
pub use error::AttestationError;

/// What a verified document proves.
pub struct Attestation {
    /// Which kind of environment it is about.
    pub platform: Platform,
    /// The enclave's id (`i-…-enc…`), or that of the instance with its TPM (`i-…-tpm…`).
    pub module_id: String,
    /// When the document was made.
    pub timestamp: Timestamp,
    /// The platform configuration registers: index (0 to 31) to measurement (32, 48 or 64 bytes). At least one.
    pub pcrs: BTreeMap<u8, Vec<u8>>,
    /// The key that answers are sealed for.
    pub recipient: RecipientKey,
}

impl fmt::Debug for Attestation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attestation").field("module_id", &self.module_id).finish_non_exhaustive()
    }
}

/// Verifies a signed attestation document as of `now`.
///
/// The first certificate of the document's bundle must be one of `roots`; from there each certificate must be signed by the
/// one before, down to the one that signed the document. All must be valid at `now` and be allowed to do what they do.
///
/// # Errors
/// Every reason for which the document proves nothing.
pub fn verify(document: &[u8], roots: &TrustRoots, now: Timestamp) -> Result<Attestation, AttestationError> {
    let signed = document::Signed::parse(document)?;
    let payload = document::Payload::parse(signed.payload)?;
    let signer = certificate::verify_chain(&payload.cabundle, payload.certificate, roots, now)?;
    UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, signer)
        .verify(&signed.to_be_signed(), signed.signature)
        .map_err(|_| AttestationError::Signature)?;
    let public_key = payload.public_key.ok_or(AttestationError::PublicKey)?;
    Ok(Attestation {
        platform: payload.platform,
        module_id: payload.module_id.to_owned(),
        timestamp: payload.timestamp,
        pcrs: payload.pcrs.iter().map(|(index, value)| (*index, value.to_vec())).collect(),
        recipient: RecipientKey::from_spki(public_key)?,
    })
}
