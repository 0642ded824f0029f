//! Users' X.509 signing certificates.
//!
//! Source: IAM API Reference, "UploadSigningCertificate".

use garrison_api_iam::{errors as api, types};
use garrison_kernel::Context;
use garrison_schema::ApiError;
use garrison_types::Timestamp;

use crate::names;
use crate::records::{SigningCertificate, User};
use crate::repo::Found;
use crate::service::Iam;
use crate::user_credentials;
use crate::x509::Certificate;

/// The id of a certificate that may be uploaded now: 160 bits of its fingerprint, in base32.
///
/// # Errors
/// `MalformedCertificate`: it is none. `InvalidCertificate`: its key is no RSA key, or it is not valid now.
pub(crate) fn id(body: &str, now: Timestamp) -> Result<String, ApiError> {
    let certificate = Certificate::from_pem(body).map_err(|_| {
        api::malformed_certificate_exception(
            "Unable to parse certificate. Please ensure the certificate is in PEM format.",
        )
    })?;
    if !certificate.is_rsa() || !certificate.is_valid_at(now) {
        return Err(api::invalid_certificate_exception("The certificate is invalid or has expired."));
    }
    Ok(names::base32(certificate.fingerprint().get(..20).unwrap_or_default()))
}

/// The certificate is there already: of the same user or of another.
pub(crate) fn known(of_the_same: bool) -> ApiError {
    if of_the_same {
        api::entity_already_exists_exception("The Certificate already exists.")
    } else {
        api::duplicate_certificate_exception(
            "The same certificate is associated with another IAM user in the account.",
        )
    }
}

/// A user's certificate by its id.
///
/// # Errors
/// `NoSuchEntity`; the store failed.
pub(crate) async fn get(
    iam: &Iam,
    cx: &Context,
    user: &User,
    id: &str,
) -> Result<Found<SigningCertificate>, ApiError> {
    let not_found =
        || api::no_such_entity_exception(format!("The Certificate with id {id} cannot be found."));
    user_credentials::get(iam, cx, user, id).await?.ok_or_else(not_found)
}

/// A certificate as the interface writes it.
pub(crate) fn to_api(user: &User, certificate: &SigningCertificate) -> types::SigningCertificate {
    types::SigningCertificate {
        user_name: user.name.clone(),
        certificate_id: certificate.certificate_id.clone(),
        certificate_body: certificate.body.clone(),
        status: user_credentials::status(certificate.active),
        upload_date: Some(certificate.uploaded.0),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};

    use crate::saml::tests::rsa_key;

    /// A certificate with an RSA key, in PEM.
    pub(crate) fn certificate() -> String {
        let key = KeyPair::from_pem_and_sign_algo(&rsa_key(), &PKCS_RSA_SHA256).unwrap();
        CertificateParams::default().self_signed(&key).unwrap().pem()
    }
}
