//! Public keys of certificates.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::ObjectIdentifier;

use crate::SamlError;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");

/// What a signature is made by, as its URI says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignatureAlgorithm {
    Ecdsa256,
    Ecdsa384,
    Ecdsa512,
    Rsa256,
    Rsa384,
    Rsa512,
}

impl SignatureAlgorithm {
    pub(crate) fn of_uri(uri: &str) -> Option<Self> {
        Some(match uri.strip_prefix("http://www.w3.org/2001/04/xmldsig-more#")? {
            "ecdsa-sha256" => Self::Ecdsa256,
            "ecdsa-sha384" => Self::Ecdsa384,
            "ecdsa-sha512" => Self::Ecdsa512,
            "rsa-sha256" => Self::Rsa256,
            "rsa-sha384" => Self::Rsa384,
            "rsa-sha512" => Self::Rsa512,
            _ => return None,
        })
    }
}

/// A public key that verifies signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// `RSAPublicKey`.
    Rsa(Vec<u8>),
    /// A curve and a point on it.
    Ec(ObjectIdentifier, Vec<u8>),
}

impl PublicKey {
    /// The key of a certificate in DER; none for a key of another kind.
    ///
    /// # Errors
    /// The certificate cannot be read.
    pub(crate) fn of_certificate(der: &[u8]) -> Result<Option<Self>, SamlError> {
        const UNREADABLE: SamlError = SamlError::Document("a certificate cannot be read");
        let certificate = Certificate::from_der(der).map_err(|_| UNREADABLE)?;
        let info = certificate.tbs_certificate().subject_public_key_info();
        let key = info.subject_public_key.as_bytes().ok_or(UNREADABLE)?.to_vec();
        Ok(match info.algorithm.oid {
            RSA => Some(Self::Rsa(key)),
            EC => {
                let curve = info.algorithm.parameters.as_ref().and_then(|curve| curve.decode_as().ok());
                Some(Self::Ec(curve.ok_or(UNREADABLE)?, key))
            }
            _ => None,
        })
    }

    /// Whether this key made the signature. False where the algorithm is not the key's.
    pub(crate) fn verifies(&self, algorithm: SignatureAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        use SignatureAlgorithm as By;
        let (by, key): (&'static dyn VerificationAlgorithm, _) = match (self, algorithm) {
            (Self::Rsa(key), By::Rsa256) => (&RSA_PKCS1_2048_8192_SHA256, key),
            (Self::Rsa(key), By::Rsa384) => (&RSA_PKCS1_2048_8192_SHA384, key),
            (Self::Rsa(key), By::Rsa512) => (&RSA_PKCS1_2048_8192_SHA512, key),
            (Self::Ec(P256, key), By::Ecdsa256) => (&ECDSA_P256_SHA256_FIXED, key),
            (Self::Ec(P384, key), By::Ecdsa384) => (&ECDSA_P384_SHA384_FIXED, key),
            (Self::Ec(P521, key), By::Ecdsa512) => (&ECDSA_P521_SHA512_FIXED, key),
            _ => return false,
        };
        UnparsedPublicKey::new(by, key).verify(message, signature).is_ok()
    }
}
