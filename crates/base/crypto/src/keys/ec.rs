//! The NIST curves and secp256k1, through AWS-LC. The canonical secret part is PKCS#8 DER (with the public key inside).

use super::message::{Agree, Message, Pair, Sign, Verify};
use super::spec::{KeySpec, SigningAlgorithm};
use super::spki;
use crate::{CryptoError, LockedSecret, Rng};
use aws_lc_rs::agreement::{self, UnparsedPublicKey};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, KeyPair as _, ParsedPublicKey,
};
use aws_lc_rs::{digest, rand};
use zeroize::Zeroizing;

/// A curve in AWS-LC's terms.
struct Curve {
    hash: &'static digest::Algorithm,
    sign: &'static EcdsaSigningAlgorithm,
    verify: &'static EcdsaVerificationAlgorithm,
    /// `None` for secp256k1, which KMS does not offer key agreement on.
    agree: Option<&'static agreement::Algorithm>,
}

impl Curve {
    fn of(spec: KeySpec) -> Option<Self> {
        use signature as s;
        let (hash, sign, verify, agree) = match spec {
            KeySpec::EccNistP256 => (
                &digest::SHA256,
                &s::ECDSA_P256_SHA256_ASN1_SIGNING,
                &s::ECDSA_P256_SHA256_ASN1,
                Some(&agreement::ECDH_P256),
            ),
            KeySpec::EccNistP384 => (
                &digest::SHA384,
                &s::ECDSA_P384_SHA384_ASN1_SIGNING,
                &s::ECDSA_P384_SHA384_ASN1,
                Some(&agreement::ECDH_P384),
            ),
            KeySpec::EccNistP521 => (
                &digest::SHA512,
                &s::ECDSA_P521_SHA512_ASN1_SIGNING,
                &s::ECDSA_P521_SHA512_ASN1,
                Some(&agreement::ECDH_P521),
            ),
            KeySpec::EccSecgP256k1 => {
                (&digest::SHA256, &s::ECDSA_P256K1_SHA256_ASN1_SIGNING, &s::ECDSA_P256K1_SHA256_ASN1, None)
            }
            _ => return None,
        };
        Some(Self { hash, sign, verify, agree })
    }

    fn required(spec: KeySpec) -> Result<Self, CryptoError> {
        Self::of(spec).ok_or(CryptoError::UnsupportedAlgorithm)
    }
}

pub(super) fn generate(spec: KeySpec) -> Result<Pair, CryptoError> {
    pair_of(&EcdsaKeyPair::generate(Curve::required(spec)?.sign)?)
}

pub(super) fn from_pkcs8(spec: KeySpec, der: &[u8]) -> Result<Pair, CryptoError> {
    pair_of(&parse(spec, der)?)
}

fn pair_of(key: &EcdsaKeyPair) -> Result<Pair, CryptoError> {
    let private = LockedSecret::copy_of(key.to_pkcs8v1()?.as_ref())?;
    Ok(Pair { private, public: key.public_key().as_der()?.as_ref().to_vec() })
}

/// AWS-LC checks the curve, that the point is on it, and that the public key inside, if any, is the private key's.
fn parse(spec: KeySpec, der: &[u8]) -> Result<EcdsaKeyPair, CryptoError> {
    EcdsaKeyPair::from_pkcs8(Curve::required(spec)?.sign, der).map_err(|_| CryptoError::InvalidKeyMaterial)
}

pub(super) struct Signer {
    key: EcdsaKeyPair,
    hash: &'static digest::Algorithm,
}

impl Signer {
    pub(super) fn load(spec: KeySpec, material: &LockedSecret) -> Result<Self, CryptoError> {
        Ok(Self { key: parse(spec, material.expose())?, hash: Curve::required(spec)?.hash })
    }
}

impl Sign for Signer {
    fn sign(&self, _: SigningAlgorithm, message: Message<'_>, _: &dyn Rng) -> Result<Vec<u8>, CryptoError> {
        let signature = match message {
            Message::Raw(bytes) => self.key.sign(&rand::SystemRandom::new(), bytes)?,
            Message::Digest(bytes) => {
                self.key.sign_digest(&digest::Digest::import_less_safe(bytes, self.hash)?)?
            }
            Message::Mu(_) => return Err(CryptoError::UnsupportedMessageType),
        };
        Ok(signature.as_ref().to_vec())
    }
}

pub(super) struct Verifier {
    key: ParsedPublicKey,
    hash: &'static digest::Algorithm,
}

impl Verifier {
    pub(super) fn load(spec: KeySpec, spki: &[u8]) -> Result<Self, CryptoError> {
        let curve = Curve::required(spec)?;
        let key = ParsedPublicKey::new(curve.verify, spki).map_err(|_| CryptoError::InvalidPublicKey)?;
        Ok(Self { key, hash: curve.hash })
    }
}

impl Verify for Verifier {
    fn verify(&self, _: SigningAlgorithm, message: Message<'_>, signature: &[u8]) -> Option<()> {
        match message {
            Message::Raw(bytes) => self.key.verify_sig(bytes, signature).ok(),
            Message::Digest(bytes) => {
                let digest = digest::Digest::import_less_safe(bytes, self.hash).ok()?;
                self.key.verify_digest_sig(&digest, signature).ok()
            }
            Message::Mu(_) => None,
        }
    }
}

pub(super) struct Agreer {
    key: agreement::PrivateKey,
    spec: KeySpec,
}

impl Agreer {
    pub(super) fn load(spec: KeySpec, material: &LockedSecret) -> Result<Self, CryptoError> {
        let algorithm = Curve::required(spec)?.agree.ok_or(CryptoError::UnsupportedAlgorithm)?;
        let key = agreement::PrivateKey::from_private_key_der(algorithm, material.expose())
            .map_err(|_| CryptoError::InvalidKeyMaterial)?;
        Ok(Self { key, spec })
    }
}

impl Agree for Agreer {
    fn agree(&self, peer_spki: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let peer = parse_peer(self.spec, peer_spki)?;
        agreement::agree(&self.key, peer, CryptoError::InvalidPublicKey, |secret| {
            Ok(Zeroizing::new(secret.to_vec()))
        })
    }
}

/// Refuses a public key that is not an SPKI of a point on the specification's curve.
pub(super) fn check_public(spec: KeySpec, spki: &[u8]) -> Result<(), CryptoError> {
    parse_peer(spec, spki).map(|_| ())
}

fn parse_peer(spec: KeySpec, spki: &[u8]) -> Result<agreement::ParsedPublicKey, CryptoError> {
    let algorithm = Curve::required(spec)?.agree.ok_or(CryptoError::UnsupportedAlgorithm)?;
    // Parsing the point alone: AWS-LC checks that it is on the curve.
    let point = spki::public_key(spec, spki).ok_or(CryptoError::InvalidPublicKey)?;
    UnparsedPublicKey::new(algorithm, point).try_into().map_err(|_| CryptoError::InvalidPublicKey)
}
