//! Server certificates: what may be uploaded, and how they are shown.
//!
//! Source: IAM User Guide, "Manage server certificates in IAM"; AWS's messages as callers report them.

use garrison_api_iam::{errors as api, types};
use garrison_kernel::Context;
use garrison_schema::ApiError;
use garrison_types::{AccountId, Partition, Timestamp};

use crate::entity::Entity;
use crate::error;
use crate::records::{ServerCertificate, Tags};
use crate::x509::{Certificate, PrivateKey, X509Error, verify_chain};

/// What messages call it.
const KIND: &str = "Server Certificate";

impl Entity for ServerCertificate {
    fn arn(&self, partition: Partition, account: AccountId) -> String {
        Self::arn(self, partition, account)
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn not_found(name: &str) -> ApiError {
        error::not_found(KIND, name)
    }
}

/// `EntityAlreadyExists`.
pub(crate) fn already_exists(name: &str) -> ApiError {
    api::entity_already_exists_exception(format!("The {KIND} with name {name} already exists."))
}

/// Which secret a certificate's private key is sealed as.
pub(crate) fn key_place(account: AccountId, id: &str) -> String {
    format!("iam/{account}/server-certificate/{id}")
}

/// Checks a certificate, its private key and those above it, and tells until when it is valid.
///
/// # Errors
/// `MalformedCertificate`, `KeyPairMismatch`.
pub(crate) fn check(
    body: &str,
    key: &str,
    chain: Option<&str>,
    now: Timestamp,
) -> Result<Timestamp, ApiError> {
    let malformed = |message: &str| api::malformed_certificate_exception(message);
    let certificate = Certificate::from_pem(body).map_err(|_| {
        malformed("Unable to parse certificate. Please ensure the certificate is in PEM format.")
    })?;
    let key = PrivateKey::from_pem(key).map_err(|error| match error {
        X509Error::Encrypted => malformed("Unable to parse key; the body is encrypted."),
        X509Error::NotPem | X509Error::Malformed => malformed("Invalid Private Key."),
    })?;
    if !certificate.belongs_to(&key) {
        return Err(api::key_pair_mismatch_exception(
            "The public key certificate and the private key do not match.",
        ));
    }
    if now < certificate.not_before {
        return Err(malformed(
            "Certificate is not yet valid. The 'Not Before' date restriction has not passed.",
        ));
    }
    if now > certificate.not_after {
        return Err(malformed(
            "Certificate is no longer valid. The 'Not After' date restriction has passed.",
        ));
    }
    if let Some(chain) = chain {
        let chain = Certificate::chain_from_pem(chain).map_err(|_| {
            malformed(
                "Unable to parse certificate chain. Please ensure the certificate chain is in PEM format.",
            )
        })?;
        verify_chain(&certificate, &chain).map_err(|broken| {
            malformed(&format!(
                "Unable to validate certificate chain. The certificate chain must start with the immediate signing \
                 certificate, followed by any intermediaries in order. The index within the chain of the invalid \
                 certificate is: {}",
                broken.0
            ))
        })?;
    }
    Ok(certificate.not_after)
}

/// A certificate as the interface writes it, without its texts.
pub(crate) fn metadata(cx: &Context, certificate: &ServerCertificate) -> types::ServerCertificateMetadata {
    types::ServerCertificateMetadata {
        path: certificate.path.clone(),
        server_certificate_name: certificate.name.clone(),
        server_certificate_id: certificate.id.clone(),
        arn: certificate.arn(cx.partition(), cx.account()),
        upload_date: Some(certificate.uploaded.0),
        expiration: Some(certificate.expires.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::tests::issue;

    #[test]
    fn certificates_are_valid_for_a_time() {
        let issued = issue("example.com");
        let check = |now| {
            check(&issued.certificate, &issued.key, None, now).map_err(|error| error.message.to_string())
        };
        let until = check(Timestamp::from_seconds(1_800_000_000)).unwrap();
        assert!(until > Timestamp::from_seconds(1_800_000_000));
        let late = check(Timestamp::from_seconds(until.as_seconds() + 1)).unwrap_err();
        assert!(late.contains("'Not After'"), "{late}");
        let early = check(Timestamp::from_seconds(0)).unwrap_err();
        assert!(early.contains("'Not Before'"), "{early}");
    }
}
