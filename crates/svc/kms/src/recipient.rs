//! `Recipient`: answers that only an attested enclave can read.

use garrison_api_kms::types::RecipientInfo;
use garrison_kernel::errors;
use garrison_schema::ApiError;

/// Refuses a call for an attested enclave: attestation documents are not verified yet, and an answer that is not
/// sealed for the enclave must not be given in its place.
///
/// # Errors
/// `ValidationException`, when there is a recipient.
pub(crate) fn refuse(recipient: Option<&RecipientInfo>) -> Result<(), ApiError> {
    match recipient {
        Some(_) => Err(errors::validation(
            "Recipient is not supported: attestation documents are not verified here.",
        )),
        None => Ok(()),
    }
}
