//! X.509 certificates and the private keys that belong to them, as far as IAM looks at them.
//!
//! Source: RFC 5280; RFC 8017 (RSA), RFC 5480 (elliptic curves), RFC 8410 (Ed25519).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{self as sig, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair};
use garrison_types::Timestamp;
use x509_cert::TbsCertificate;
use x509_cert::der::asn1::{BitStringRef, ObjectIdentifier};
use x509_cert::der::{self, Decode, Reader, SliceReader};
use x509_cert::name::Name;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use crate::pem::{self, Block};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");

/// The signature algorithms that chains are verified with: of the signature, of the issuer's key, how.
static ALGORITHMS: [(&str, Option<ObjectIdentifier>, &dyn sig::VerificationAlgorithm); 14] = [
    ("1.2.840.113549.1.1.5", None, &sig::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
    ("1.2.840.113549.1.1.11", None, &sig::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
    ("1.2.840.113549.1.1.12", None, &sig::RSA_PKCS1_2048_8192_SHA384),
    ("1.2.840.113549.1.1.13", None, &sig::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
    ("1.2.840.10045.4.3.2", Some(P256), &sig::ECDSA_P256_SHA256_ASN1),
    ("1.2.840.10045.4.3.3", Some(P256), &sig::ECDSA_P256_SHA384_ASN1),
    ("1.2.840.10045.4.3.4", Some(P256), &sig::ECDSA_P256_SHA512_ASN1),
    ("1.2.840.10045.4.3.2", Some(P384), &sig::ECDSA_P384_SHA256_ASN1),
    ("1.2.840.10045.4.3.3", Some(P384), &sig::ECDSA_P384_SHA384_ASN1),
    ("1.2.840.10045.4.3.4", Some(P384), &sig::ECDSA_P384_SHA512_ASN1),
    ("1.2.840.10045.4.3.2", Some(P521), &sig::ECDSA_P521_SHA256_ASN1),
    ("1.2.840.10045.4.3.3", Some(P521), &sig::ECDSA_P521_SHA384_ASN1),
    ("1.2.840.10045.4.3.4", Some(P521), &sig::ECDSA_P521_SHA512_ASN1),
    ("1.3.101.112", None, &sig::ED25519),
];

/// Why a text holds no certificate or key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum X509Error {
    /// It is not PEM, or not of one block of the right kind.
    NotPem,
    /// The bytes in it are no certificate, or no private key of a kind that IAM takes.
    Malformed,
    /// The private key is encrypted.
    Encrypted,
}

/// What counts of a certificate.
#[derive(Debug)]
pub(crate) struct Certificate {
    der: Vec<u8>,
    /// Where in it the signed bytes are.
    signed: Vec<u8>,
    signature: Vec<u8>,
    signature_algorithm: ObjectIdentifier,
    issuer: Name,
    subject: Name,
    /// The first moment at which it is valid.
    pub(crate) not_before: Timestamp,
    /// The last one.
    pub(crate) not_after: Timestamp,
    key_algorithm: ObjectIdentifier,
    curve: Option<ObjectIdentifier>,
    key: Vec<u8>,
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`X509Error::Malformed`].
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, X509Error> {
        let (signed, algorithm, signature) = split(der).map_err(|_| X509Error::Malformed)?;
        let fields = TbsCertificate::from_der(signed).map_err(|_| X509Error::Malformed)?;
        if algorithm != *fields.signature() {
            return Err(X509Error::Malformed);
        }
        let key = fields.subject_public_key_info();
        let curve = key.algorithm.parameters.as_ref().and_then(|parameters| parameters.decode_as().ok());
        Ok(Self {
            der: der.to_vec(),
            signed: signed.to_vec(),
            signature: signature.as_bytes().ok_or(X509Error::Malformed)?.to_vec(),
            signature_algorithm: algorithm.oid,
            issuer: fields.issuer().clone(),
            subject: fields.subject().clone(),
            not_before: timestamp(fields.validity().not_before),
            not_after: timestamp(fields.validity().not_after),
            key_algorithm: key.algorithm.oid,
            curve: curve.filter(|_| key.algorithm.oid == EC),
            key: key.subject_public_key.as_bytes().ok_or(X509Error::Malformed)?.to_vec(),
        })
    }

    /// Reads a PEM text of exactly one certificate.
    ///
    /// # Errors
    /// As the variants say.
    pub(crate) fn from_pem(text: &str) -> Result<Self, X509Error> {
        let mut certificates = Self::chain_from_pem(text)?;
        match (certificates.pop(), certificates.is_empty()) {
            (Some(certificate), true) => Ok(certificate),
            _ => Err(X509Error::NotPem),
        }
    }

    /// Reads a PEM text of at least one certificate.
    ///
    /// # Errors
    /// As the variants say.
    pub(crate) fn chain_from_pem(text: &str) -> Result<Vec<Self>, X509Error> {
        let blocks = pem::blocks(text).map_err(|_| X509Error::NotPem)?;
        if blocks.iter().any(|block| block.label != "CERTIFICATE") {
            return Err(X509Error::NotPem);
        }
        blocks.iter().map(|block| Self::from_der(&block.der)).collect()
    }

    /// Whether `issuer` signed it.
    pub(crate) fn is_issued_by(&self, issuer: &Self) -> bool {
        if self.issuer != issuer.subject {
            return false;
        }
        let oid = self.signature_algorithm.to_string();
        let known = ALGORITHMS.iter().find(|(name, curve, _)| *name == oid && *curve == issuer.curve);
        known.is_some_and(|(_, _, algorithm)| {
            sig::UnparsedPublicKey::new(*algorithm, &issuer.key).verify(&self.signed, &self.signature).is_ok()
        })
    }

    /// Whether it is valid at a moment.
    pub(crate) fn is_valid_at(&self, now: Timestamp) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    /// Whether its key is an RSA key.
    pub(crate) fn is_rsa(&self) -> bool {
        self.key_algorithm == RSA
    }

    /// Its SHA-256 fingerprint.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, &self.der).as_ref());
        bytes
    }

    /// Whether the private key belongs to it.
    pub(crate) fn belongs_to(&self, key: &PrivateKey) -> bool {
        self.key_algorithm == key.algorithm && self.key == key.public
    }
}

fn timestamp(time: Time) -> Timestamp {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_seconds(seconds)
}

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

/// What of a private key tells whether a certificate is its own.
pub(crate) struct PrivateKey {
    algorithm: ObjectIdentifier,
    /// As a certificate has it: `RSAPublicKey` in DER, or a point.
    public: Vec<u8>,
}

impl PrivateKey {
    /// Reads a PEM text of one private key: `RSA PRIVATE KEY` (PKCS#1), `EC PRIVATE KEY` (SEC 1) or `PRIVATE KEY` (PKCS#8).
    ///
    /// # Errors
    /// As the variants say.
    pub(crate) fn from_pem(text: &str) -> Result<Self, X509Error> {
        if text.contains("ENCRYPTED") {
            return Err(X509Error::Encrypted);
        }
        let mut blocks = pem::blocks(text).map_err(|_| X509Error::NotPem)?;
        // OpenSSL writes the curve before the key.
        blocks.retain(|block| block.label != "EC PARAMETERS");
        match blocks.as_slice() {
            [block] => Self::from_block(block),
            _ => Err(X509Error::NotPem),
        }
    }

    fn from_block(block: &Block<'_>) -> Result<Self, X509Error> {
        let (der, rsa) = (&block.der, |key: &RsaKeyPair| Self::new(RSA, key.public_key().as_ref()));
        match block.label {
            "RSA PRIVATE KEY" => RsaKeyPair::from_der(der).map(|key| rsa(&key)).ok(),
            "EC PRIVATE KEY" => elliptic(der),
            "PRIVATE KEY" => {
                let edwards = || Ed25519KeyPair::from_pkcs8(der).ok();
                RsaKeyPair::from_pkcs8(der)
                    .map(|key| rsa(&key))
                    .ok()
                    .or_else(|| elliptic(der))
                    .or_else(|| edwards().map(|key| Self::new(ED25519, key.public_key().as_ref())))
            }
            _ => return Err(X509Error::NotPem),
        }
        .ok_or(X509Error::Malformed)
    }

    fn new(algorithm: ObjectIdentifier, public: &[u8]) -> Self {
        Self { algorithm, public: public.to_vec() }
    }
}

fn elliptic(der: &[u8]) -> Option<PrivateKey> {
    let algorithms = [
        &sig::ECDSA_P256_SHA256_ASN1_SIGNING,
        &sig::ECDSA_P384_SHA384_ASN1_SIGNING,
        &sig::ECDSA_P521_SHA512_ASN1_SIGNING,
    ];
    let pair =
        algorithms.iter().find_map(|algorithm| EcdsaKeyPair::from_private_key_der(algorithm, der).ok())?;
    Some(PrivateKey::new(EC, pair.public_key().as_ref()))
}

/// Where a chain does not hold: the place of the certificate that did not sign the one before it, or of the first one
/// `-1`, as AWS counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BrokenChain(pub(crate) i64);

/// Whether each certificate of a chain signed the one before it, the first one `leaf`.
///
/// # Errors
/// Where it does not hold.
pub(crate) fn verify_chain(leaf: &Certificate, chain: &[Certificate]) -> Result<(), BrokenChain> {
    let mut issued = leaf;
    for (at, issuer) in (-1_i64..).zip(chain) {
        if !issued.is_issued_by(issuer) {
            return Err(BrokenChain(at));
        }
        issued = issuer;
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair as Pair,
        PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519,
    };

    use super::*;

    /// A certificate authority, and a certificate that it issued.
    pub(crate) struct Issued {
        /// The certificate, in PEM.
        pub(crate) certificate: String,
        /// Its private key, in PEM.
        pub(crate) key: String,
        /// The certificates above it, in PEM.
        pub(crate) chain: Vec<String>,
    }

    fn authority(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    }

    /// A certificate for `name` under two authorities, with keys of different kinds.
    pub(crate) fn issue(name: &str) -> Issued {
        let root = CertifiedIssuer::self_signed(
            authority("root"),
            Pair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap(),
        );
        let root = root.unwrap();
        let middle = Pair::generate_for(&PKCS_ED25519).unwrap();
        let middle = CertifiedIssuer::signed_by(authority("middle"), middle, &root).unwrap();
        let key = Pair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &middle).unwrap();
        Issued {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
            chain: vec![middle.pem(), root.pem()],
        }
    }

    #[test]
    fn chains_hold_in_their_order_only() {
        let issued = issue("example.com");
        let leaf = Certificate::from_pem(&issued.certificate).unwrap();
        let verify = |chain: &[&str]| {
            let chain = Certificate::chain_from_pem(&chain.concat()).unwrap();
            verify_chain(&leaf, &chain).map_err(|broken| broken.0)
        };
        let [middle, root] = [&*issued.chain[0], &*issued.chain[1]];
        assert_eq!(verify(&[middle]), Ok(()));
        assert_eq!(verify(&[middle, root]), Ok(()));
        assert_eq!(verify(&[middle, root, root]), Ok(()), "a root signs itself");
        assert_eq!(verify(&[root]), Err(-1));
        assert_eq!(verify(&[middle, middle]), Err(0));
        assert_eq!(verify(&[middle, root, middle]), Err(1));
        let other = issue("example.com");
        assert_eq!(verify(&[&other.chain[0]]), Err(-1), "the same name, another key");
    }

    #[test]
    fn a_key_belongs_to_its_own_certificate() {
        let (one, other) = (issue("a.example"), issue("b.example"));
        let certificate = Certificate::from_pem(&one.certificate).unwrap();
        assert!(certificate.belongs_to(&PrivateKey::from_pem(&one.key).unwrap()));
        assert!(!certificate.belongs_to(&PrivateKey::from_pem(&other.key).unwrap()));
        let with_parameters = format!("{}\n{}", pem::encode("EC PARAMETERS", &[6, 0]), one.key);
        assert!(certificate.belongs_to(&PrivateKey::from_pem(&with_parameters).unwrap()));
        assert!(certificate.is_valid_at(Timestamp::from_seconds(1_800_000_000)));
        assert!(!certificate.is_rsa());
    }

    #[test]
    fn foreign_texts_are_refused() {
        let issued = issue("example.com");
        let twice = issued.certificate.repeat(2);
        let junk = pem::encode("CERTIFICATE", b"junk");
        for (text, error) in [
            ("", X509Error::NotPem),
            (&*twice, X509Error::NotPem),
            (&*issued.key, X509Error::NotPem),
            (&*junk, X509Error::Malformed),
        ] {
            assert_eq!(Certificate::from_pem(text).unwrap_err(), error, "{text}");
        }
        let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nQUJD\n-----END ENCRYPTED PRIVATE KEY-----";
        let junk = pem::encode("PRIVATE KEY", b"junk");
        for (text, error) in [
            ("", X509Error::NotPem),
            (encrypted, X509Error::Encrypted),
            (&*issued.certificate, X509Error::NotPem),
            (&*junk, X509Error::Malformed),
        ] {
            assert_eq!(PrivateKey::from_pem(text).err(), Some(error), "{text}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn damaged_certificates_do_no_harm(at in 0_usize..400, bit in 0_u8..8) {
            let issued = issue("example.com");
            let whole = Certificate::from_pem(&issued.certificate).unwrap();
            let mut der = whole.der.clone();
            if let Some(byte) = der.get_mut(at) {
                *byte ^= 1 << bit;
            }
            let issuer = Certificate::from_pem(&issued.chain[0]).unwrap();
            let holds = Certificate::from_der(&der).is_ok_and(|read| read.is_issued_by(&issuer));
            proptest::prop_assert_eq!(holds, der == whole.der);
        }
    }
}
