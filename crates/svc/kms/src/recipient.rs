//! `Recipient`: answers that only an attested environment can read.
//!
//! Source: KMS Developer Guide, "Cryptographic attestation support in AWS KMS", with "Condition keys for attested
//! platforms" and "Monitoring attested requests"; KMS API Reference, "RecipientInfo".

use std::fmt::Write as _;

use base64_simd::STANDARD;
use garrison_api_kms::types::{KeyEncryptionMechanism, RecipientInfo};
use garrison_attestation::{Attestation, AttestationError, Platform, RecipientKey, TrustRoots, verify};
use garrison_kernel::{Reply, errors};
use garrison_schema::{ApiError, Blob, SensitiveBlob};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::service::Kms;

/// An attested environment, which gets the secret of an answer instead of the caller.
#[derive(Debug)]
pub(crate) struct Recipient {
    key: RecipientKey,
    measurements: Vec<(String, String)>,
    event_data: String,
}

/// Verifies the attestation document of a call, if it has one.
///
/// # Errors
/// `ValidationException`: the document proves nothing, it or the algorithm is missing, or no roots are configured.
pub(crate) async fn attest(kms: &Kms, info: Option<&RecipientInfo>) -> Result<Option<Recipient>, ApiError> {
    let Some(info) = info else { return Ok(None) };
    if info.key_encryption_algorithm != Some(KeyEncryptionMechanism::RsaesOaepSha256) {
        return Err(errors::validation("Recipient must have the KeyEncryptionAlgorithm RSAES_OAEP_SHA_256."));
    }
    let Some(document) = &info.attestation_document else {
        return Err(errors::validation("Recipient must have an AttestationDocument."));
    };
    let settings = &kms.kernel().settings().kms_attestation_roots;
    let roots = TrustRoots::new(settings).map_err(|_| errors::validation(BAD_ROOTS))?;
    if roots.is_empty() {
        return Err(errors::validation(NO_ROOTS));
    }
    let (document, now) = (document.to_vec(), kms.kernel().clock().protocol_now());
    // A chain of five signatures on P-384 takes long enough to hold up other calls of its thread.
    let verified = kms.kernel().blocking(move || verify(&document, &roots, now)).await?;
    verified.map(|attestation| Some(Recipient::new(attestation))).map_err(refusal)
}

const NO_ROOTS: &str = "Attestation documents are not accepted here: no root certificate is configured for them \
                        (kms.attestation_root_file).";
const BAD_ROOTS: &str = "Attestation documents are not accepted here: the root certificates that are configured for \
                         them (kms.attestation_root_file) cannot be used.";

fn refusal(error: AttestationError) -> ApiError {
    errors::validation(error.to_string())
}

impl Recipient {
    fn new(attestation: Attestation) -> Self {
        Self {
            measurements: measurements(&attestation),
            event_data: event_data(&attestation),
            key: attestation.recipient,
        }
    }
}

/// What policies may ask of a call's recipient: condition keys without `kms:RecipientAttestation:`, in lower case.
pub(crate) fn conditions(recipient: Option<&Recipient>) -> &[(String, String)] {
    recipient.map(|recipient| recipient.measurements.as_slice()).unwrap_or_default()
}

/// A secret on its way out: in the clear to the caller, or sealed for the recipient.
///
/// # Errors
/// An internal failure.
pub(crate) fn deliver(
    kms: &Kms,
    recipient: Option<&Recipient>,
    secret: Zeroizing<Vec<u8>>,
) -> Result<(Option<SensitiveBlob>, Option<Blob>), ApiError> {
    let Some(recipient) = recipient else { return Ok((Some(SensitiveBlob::from(secret)), None)) };
    let sealed = recipient.key.seal(&secret, kms.kernel().rng()).map_err(errors::internal)?;
    Ok((None, Some(Blob(sealed))))
}

/// A reply whose audit record says which environment got the secret.
pub(crate) fn reply<O>(output: O, recipient: Option<&Recipient>) -> Reply<O> {
    let additional_event_data = recipient.map(|recipient| recipient.event_data.clone());
    Reply { additional_event_data, ..Reply::new(output) }
}

fn measurements(attestation: &Attestation) -> Vec<(String, String)> {
    let mut found = Vec::with_capacity(attestation.pcrs.len() + 1);
    for (index, value) in &attestation.pcrs {
        match attestation.platform {
            Platform::NitroEnclave => {
                if *index == 0 {
                    found.push(("imagesha384".to_owned(), hex(value)));
                }
                found.push((format!("pcr{index}"), hex(value)));
            }
            Platform::NitroTpm => found.push((format!("nitrotpmpcr{index}"), hex(value))),
        }
    }
    found
}

/// The registers that AWS's records show, beside an enclave's PCR0, which is its image's digest.
const ENCLAVE_REGISTERS: &[u8] = &[1, 2, 3, 4, 8];
const TPM_REGISTERS: &[u8] = &[4, 7, 8, 9, 16, 23];

/// `additionalEventData`. Registers are in base64, as AWS writes them.
fn event_data(attestation: &Attestation) -> String {
    let mut recipient = Map::new();
    let mut add = |name: String, index: u8| {
        if let Some(value) = attestation.pcrs.get(&index) {
            recipient.insert(name, STANDARD.encode_to_string(value).into());
        }
    };
    match attestation.platform {
        Platform::NitroEnclave => {
            add("attestationDocumentEnclaveImageDigest".to_owned(), 0);
            ENCLAVE_REGISTERS.iter().for_each(|i| add(format!("attestationDocumentEnclavePCR{i}"), *i));
        }
        Platform::NitroTpm => {
            TPM_REGISTERS.iter().for_each(|i| add(format!("attestationDocumentNitroTPMPCR{i}"), *i));
        }
    }
    recipient.insert("attestationDocumentModuleId".to_owned(), attestation.module_id.as_str().into());
    Value::from(Map::from_iter([("recipient".to_owned(), Value::from(recipient))])).to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
