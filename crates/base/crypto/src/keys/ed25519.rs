//! Ed25519 through AWS-LC, and Ed25519ph (RFC 8032), which AWS-LC's safe interface lacks, through ed25519-dalek.
//! The canonical secret part is PKCS#8 version 1 DER (RFC 8410).

use super::message::{Message, Pair, Sign, Verify};
use super::spec::SigningAlgorithm;
use crate::{CryptoError, LockedSecret, Rng};
use aws_lc_rs::encoding::{AsBigEndian as _, AsDer as _};
use aws_lc_rs::signature::{self, Ed25519KeyPair, KeyPair as _, ParsedPublicKey};
use ed25519_dalek as dalek;
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

const SEED_LEN: usize = 32;

pub(super) fn generate(rng: &dyn Rng) -> Result<Pair, CryptoError> {
    let mut seed = Zeroizing::new([0; SEED_LEN]);
    rng.fill(seed.as_mut_slice());
    pair_of(&Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).map_err(|_| CryptoError::Internal)?)
}

pub(super) fn from_pkcs8(der: &[u8]) -> Result<Pair, CryptoError> {
    pair_of(&parse(der)?)
}

fn pair_of(key: &Ed25519KeyPair) -> Result<Pair, CryptoError> {
    let private = LockedSecret::copy_of(key.to_pkcs8v1()?.as_ref())?;
    Ok(Pair { private, public: key.public_key().as_der()?.as_ref().to_vec() })
}

fn parse(der: &[u8]) -> Result<Ed25519KeyPair, CryptoError> {
    Ed25519KeyPair::from_pkcs8(der).map_err(|_| CryptoError::InvalidKeyMaterial)
}

pub(super) struct Signer {
    key: Ed25519KeyPair,
    /// For Ed25519ph; wipes itself. Boxed, so that moving the signer leaves no copies.
    prehashed: Box<dalek::SigningKey>,
}

impl Signer {
    pub(super) fn load(material: &LockedSecret) -> Result<Self, CryptoError> {
        let key = parse(material.expose())?;
        let seed = key.seed()?.as_be_bytes()?;
        let seed: &[u8; SEED_LEN] = seed.as_ref().try_into().map_err(|_| CryptoError::Internal)?;
        let prehashed = Box::new(dalek::SigningKey::from_bytes(seed));
        Ok(Self { key, prehashed })
    }
}

impl Sign for Signer {
    fn sign(
        &self,
        algorithm: SigningAlgorithm,
        message: Message<'_>,
        _: &dyn Rng,
    ) -> Result<Vec<u8>, CryptoError> {
        match (algorithm, message) {
            (SigningAlgorithm::Ed25519Sha512, Message::Raw(bytes)) => {
                Ok(self.key.try_sign(bytes)?.as_ref().to_vec())
            }
            (SigningAlgorithm::Ed25519PhSha512, Message::Digest(bytes)) => {
                let signature = self.prehashed.sign_prehashed(Sha512::new_with_prefix(bytes), None);
                Ok(signature.map_err(|_| CryptoError::Internal)?.to_bytes().to_vec())
            }
            _ => Err(CryptoError::UnsupportedMessageType),
        }
    }
}

pub(super) struct Verifier {
    key: ParsedPublicKey,
    prehashed: dalek::VerifyingKey,
}

impl Verifier {
    pub(super) fn load(raw: &[u8]) -> Result<Self, CryptoError> {
        let raw: &[u8; 32] = raw.try_into().map_err(|_| CryptoError::InvalidPublicKey)?;
        let prehashed = dalek::VerifyingKey::from_bytes(raw).map_err(|_| CryptoError::InvalidPublicKey)?;
        let key =
            ParsedPublicKey::new(&signature::ED25519, raw).map_err(|_| CryptoError::InvalidPublicKey)?;
        Ok(Self { key, prehashed })
    }
}

impl Verify for Verifier {
    fn verify(&self, algorithm: SigningAlgorithm, message: Message<'_>, signature: &[u8]) -> Option<()> {
        match (algorithm, message) {
            (SigningAlgorithm::Ed25519Sha512, Message::Raw(bytes)) => {
                self.key.verify_sig(bytes, signature).ok()
            }
            (SigningAlgorithm::Ed25519PhSha512, Message::Digest(bytes)) => {
                let signature = dalek::Signature::from_slice(signature).ok()?;
                self.prehashed.verify_prehashed_strict(Sha512::new_with_prefix(bytes), None, &signature).ok()
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRng;

    /// RFC 8032, section 7.3: Ed25519ph of "abc". KMS would refuse a three-byte digest, so the vector goes in below that check.
    #[test]
    fn rfc_8032_ed25519ph() {
        let from_hex = |text| crate::hex::decode(text).expect("hex");
        let seed = from_hex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42");
        let signature = from_hex(
            "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41\
             31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
        );
        let pair = pair_of(&Ed25519KeyPair::from_seed_unchecked(&seed).expect("seed")).expect("pair");
        let signer = Signer::load(&pair.private).expect("loads");
        let alg = SigningAlgorithm::Ed25519PhSha512;
        assert_eq!(signer.sign(alg, Message::Digest(b"abc"), &SystemRng).expect("signed"), signature);
        let verifier = Verifier::load(&pair.public[12..]).expect("loads");
        assert_eq!(verifier.verify(alg, Message::Digest(b"abc"), &signature), Some(()));
        assert_eq!(verifier.verify(alg, Message::Digest(b"abd"), &signature), None);
    }
}
