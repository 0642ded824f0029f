//! The certificate chain of a document: X.509 (RFC 5280) as narrow as AWS's attestation PKI is. Version 3, P-384 keys,
//! ECDSA with SHA-384, no policies, no name constraints, no revocation lists.

use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1, UnparsedPublicKey};
use base64_simd::STANDARD;
use garrison_types::Timestamp;
use x509_cert::TbsCertificate;
use x509_cert::certificate::Version;
use x509_cert::der::asn1::{BitStringRef, ObjectIdentifier};
use x509_cert::der::{self, Decode, Reader, SliceReader};
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::name::Name;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::Time;

use crate::AttestationError;

const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// The root certificates that chains may begin at.
#[derive(Debug, Clone, Default)]
pub struct TrustRoots(Vec<Vec<u8>>);

impl TrustRoots {
    /// Trusts these certificates, each in DER.
    ///
    /// # Errors
    /// [`AttestationError::Certificate`]: one is no certificate of an authority with a P-384 key. When it is valid is not
    /// looked at here, but at each document.
    pub fn new<T: AsRef<[u8]>>(certificates: impl IntoIterator<Item = T>) -> Result<Self, AttestationError> {
        let checked = certificates.into_iter().map(|der| {
            let der = der.as_ref();
            Certificate::parse(der)?.ensure_authority(0)?;
            Ok(der.to_vec())
        });
        checked.collect::<Result<_, _>>().map(Self)
    }

    /// Trusts the certificates of a PEM file (RFC 7468). What stands around them is ignored.
    ///
    /// # Errors
    /// As [`TrustRoots::new`]; there is no certificate, or it is not base64.
    pub fn from_pem(text: &str) -> Result<Self, AttestationError> {
        const UNREADABLE: AttestationError = AttestationError::Certificate("it is not PEM");
        let mut certificates = Vec::new();
        for part in text.split("-----BEGIN CERTIFICATE-----").skip(1) {
            let (body, _) = part.split_once("-----END CERTIFICATE-----").ok_or(UNREADABLE)?;
            let body: String = body.split_ascii_whitespace().collect();
            certificates.push(STANDARD.decode_to_vec(body).map_err(|_| UNREADABLE)?);
        }
        if certificates.is_empty() { Err(UNREADABLE) } else { Self::new(certificates) }
    }

    /// The certificates in DER.
    pub fn into_certificates(self) -> Vec<Vec<u8>> {
        self.0
    }

    /// Whether nothing is trusted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Verifies the chain from a trusted root, the first of `bundle`, down to `leaf`, and gives the leaf's key: an uncompressed
/// point on P-384.
pub(crate) fn verify_chain(
    bundle: &[&[u8]],
    leaf: &[u8],
    roots: &TrustRoots,
    now: Timestamp,
) -> Result<Vec<u8>, AttestationError> {
    let mut issuer: Option<Certificate<'_>> = None;
    for (i, der) in bundle.iter().enumerate() {
        if i == 0 && !roots.0.iter().any(|root| root == der) {
            return Err(AttestationError::UntrustedRoot);
        }
        let authority = Certificate::parse(der)?;
        if let Some(issuer) = &issuer {
            authority.ensure_issued_by(issuer)?;
        }
        authority.ensure_valid_at(now)?;
        authority.ensure_authority(bundle.len() - i - 1)?;
        issuer = Some(authority);
    }
    let leaf = Certificate::parse(leaf)?;
    leaf.ensure_issued_by(&issuer.ok_or(AttestationError::UntrustedRoot)?)?;
    leaf.ensure_valid_at(now)?;
    leaf.ensure_signer()?;
    Ok(leaf.key)
}

/// What counts of a certificate.
struct Certificate<'a> {
    /// The bytes that are signed.
    signed: &'a [u8],
    signature: &'a [u8],
    issuer: Name,
    subject: Name,
    not_before: Time,
    not_after: Time,
    key: Vec<u8>,
    /// With whether it is critical.
    constraints: Option<(bool, BasicConstraints)>,
    usage: Option<KeyUsage>,
}

impl<'a> Certificate<'a> {
    fn parse(der: &'a [u8]) -> Result<Self, AttestationError> {
        let (signed, outer, signature) =
            split(der).map_err(|_| AttestationError::Certificate("a certificate is not DER"))?;
        let fields = TbsCertificate::from_der(signed)
            .map_err(|_| AttestationError::Certificate("a certificate is not X.509"))?;
        if fields.version() != Version::V3 {
            return Err(AttestationError::Certificate("a certificate is not of version 3"));
        }
        if outer != *fields.signature() || outer.oid != ECDSA_WITH_SHA384 || outer.parameters.is_some() {
            return Err(AttestationError::Certificate("a certificate is not signed by ECDSA with SHA-384"));
        }
        let (constraints, usage) = extensions(fields.extensions())?;
        Ok(Self {
            signed,
            signature: signature.as_bytes().ok_or(BAD_SIGNATURE)?,
            issuer: fields.issuer().clone(),
            subject: fields.subject().clone(),
            not_before: fields.validity().not_before,
            not_after: fields.validity().not_after,
            key: point(fields.subject_public_key_info()).ok_or(NOT_P384)?,
            constraints,
            usage,
        })
    }

    fn ensure_issued_by(&self, issuer: &Certificate<'_>) -> Result<(), AttestationError> {
        if self.issuer != issuer.subject {
            return Err(AttestationError::Certificate("a certificate is not issued by the one before"));
        }
        let key = UnparsedPublicKey::new(&ECDSA_P384_SHA384_ASN1, &issuer.key);
        key.verify(self.signed, self.signature).map_err(|_| BAD_SIGNATURE)
    }

    fn ensure_valid_at(&self, now: Timestamp) -> Result<(), AttestationError> {
        // Certificates speak of seconds, and none of a time before 1970.
        let now = u64::try_from(now.as_seconds()).map_err(|_| AttestationError::NotYetValid)?;
        if now < self.not_before.to_unix_duration().as_secs() {
            return Err(AttestationError::NotYetValid);
        }
        if now > self.not_after.to_unix_duration().as_secs() {
            return Err(AttestationError::Expired);
        }
        Ok(())
    }

    /// It may issue certificates, with `below` further authorities between it and the leaf.
    fn ensure_authority(&self, below: usize) -> Result<(), AttestationError> {
        let Some((true, BasicConstraints { ca: true, path_len_constraint })) = &self.constraints else {
            return Err(AttestationError::Certificate("an issuer is not an authority"));
        };
        if path_len_constraint.is_some_and(|most| usize::from(most) < below) {
            return Err(AttestationError::Certificate("the chain is longer than an authority allows"));
        }
        if !self.usage.as_ref().is_some_and(KeyUsage::key_cert_sign) {
            return Err(AttestationError::Certificate("an issuer's key is not for signing certificates"));
        }
        Ok(())
    }

    /// It may sign documents, and nothing but them.
    fn ensure_signer(&self) -> Result<(), AttestationError> {
        if self.constraints.as_ref().is_some_and(|(_, c)| c.ca || c.path_len_constraint.is_some()) {
            return Err(AttestationError::Certificate("the signer is an authority"));
        }
        if !self.usage.as_ref().is_some_and(KeyUsage::digital_signature) {
            return Err(AttestationError::Certificate("the signer's key is not for signing"));
        }
        Ok(())
    }
}

const BAD_SIGNATURE: AttestationError =
    AttestationError::Certificate("a certificate's signature is not valid");
const NOT_P384: AttestationError = AttestationError::Certificate("a certificate's key is not on P-384");
const BAD_EXTENSION: AttestationError =
    AttestationError::Certificate("an extension is not what it should be");

/// A certificate's three parts: the bytes that are signed, how, and the signature.
fn split(der: &[u8]) -> der::Result<(&[u8], AlgorithmIdentifierOwned, BitStringRef<'_>)> {
    let mut reader = SliceReader::new(der)?;
    let parts = reader.sequence(|reader| {
        Ok::<_, der::Error>((
            reader.tlv_bytes()?,
            AlgorithmIdentifierOwned::decode(reader)?,
            BitStringRef::decode(reader)?,
        ))
    })?;
    reader.finish()?;
    Ok(parts)
}

/// The two extensions that count. Another one may be there if it is not critical; none may occur twice.
#[expect(clippy::type_complexity, reason = "a pair of what the two extensions are, used once")]
fn extensions(
    found: Option<&Extensions>,
) -> Result<(Option<(bool, BasicConstraints)>, Option<KeyUsage>), AttestationError> {
    let (mut constraints, mut usage) = (None, None);
    let mut seen = Vec::new();
    for extension in found.into_iter().flatten() {
        if seen.contains(&extension.extn_id) {
            return Err(BAD_EXTENSION);
        }
        seen.push(extension.extn_id);
        let value = extension.extn_value.as_bytes();
        match extension.extn_id {
            BASIC_CONSTRAINTS => {
                let read = BasicConstraints::from_der(value).map_err(|_| BAD_EXTENSION)?;
                constraints = Some((extension.critical, read));
            }
            KEY_USAGE => usage = Some(KeyUsage::from_der(value).map_err(|_| BAD_EXTENSION)?),
            _ if extension.critical => {
                return Err(AttestationError::Certificate(
                    "a certificate has a critical extension that is not known",
                ));
            }
            _ => {}
        }
    }
    Ok((constraints, usage))
}

/// The uncompressed point of a key on P-384.
fn point(key: &SubjectPublicKeyInfoOwned) -> Option<Vec<u8>> {
    let curve = key.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok()?;
    let point = key.subject_public_key.as_bytes()?;
    let fits = key.algorithm.oid == EC_PUBLIC_KEY && curve == SECP384R1 && point.len() == 97;
    fits.then(|| point.to_vec())
}
