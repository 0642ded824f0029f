//! ML-KEM (FIPS 203) through AWS-LC. The canonical secret part is the expanded decapsulation key,
//! `dk_pke (384·k) ‖ ek (384·k + 32) ‖ SHA3-256(ek) (32) ‖ z (32)`: AWS-LC's safe interface neither takes nor gives the seed.
//! The encodings as SPKI and PKCS#8 (RFC 9935), which it does not offer either, are written here.

use super::message::Pair;
use super::public::Encapsulated;
use super::spec::KeySpec;
use crate::secret::constant_time_eq;
use crate::{CryptoError, LockedSecret, der};
use aws_lc_rs::digest;
use aws_lc_rs::kem::{self, Ciphertext, DecapsulationKey, EncapsulationKey};
use zeroize::Zeroizing;

const TAIL_LEN: usize = 64;

/// The sizes and the object identifier of a parameter set.
struct Parameters {
    algorithm: &'static kem::Algorithm,
    /// Length of `dk_pke`.
    dk_pke: usize,
    ciphertext: usize,
    /// The last octet of 2.16.840.1.101.3.4.4.x.
    oid: u8,
}

impl Parameters {
    fn of(spec: KeySpec) -> Result<Self, CryptoError> {
        let (algorithm, k, ciphertext, oid) = match spec {
            KeySpec::MlKem512 => (&kem::ML_KEM_512, 2, 768, 1),
            KeySpec::MlKem768 => (&kem::ML_KEM_768, 3, 1088, 2),
            KeySpec::MlKem1024 => (&kem::ML_KEM_1024, 4, 1568, 3),
            _ => return Err(CryptoError::UnsupportedAlgorithm),
        };
        Ok(Self { algorithm, dk_pke: 384 * k, ciphertext, oid })
    }

    fn ek_len(&self) -> usize {
        self.dk_pke + 32
    }

    /// The AlgorithmIdentifier, which has no parameters.
    fn identifier(&self) -> [u8; 13] {
        [der::SEQUENCE, 11, 0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 3, 4, 4, self.oid]
    }

    fn spki(&self, ek: &[u8]) -> Vec<u8> {
        der::element(der::SEQUENCE, &[&self.identifier(), &der::element(der::BIT_STRING, &[&[0], ek])])
    }

    /// The encapsulation key inside an expanded decapsulation key, after checking the length and the hash.
    fn ek_of<'a>(&self, dk: &'a [u8]) -> Option<&'a [u8]> {
        let (ek, tail) = dk.get(self.dk_pke..)?.split_at_checked(self.ek_len())?;
        let hash = tail.get(..32).filter(|_| tail.len() == TAIL_LEN)?;
        constant_time_eq(hash, digest::digest(&digest::SHA3_256, ek).as_ref()).then_some(ek)
    }
}

pub(super) fn generate(spec: KeySpec) -> Result<Pair, CryptoError> {
    let parameters = Parameters::of(spec)?;
    let key = DecapsulationKey::generate(parameters.algorithm)?;
    let private = LockedSecret::copy_of(key.key_bytes()?.as_ref())?;
    Ok(Pair { private, public: parameters.spki(key.encapsulation_key()?.key_bytes()?.as_ref()) })
}

/// Takes PKCS#8 whose private key is in the expanded form, alone or beside the seed (RFC 9935).
pub(super) fn from_pkcs8(spec: KeySpec, der: &[u8]) -> Result<Pair, CryptoError> {
    let parameters = Parameters::of(spec)?;
    let dk = expanded_of(&parameters, der).ok_or(CryptoError::InvalidKeyMaterial)?;
    let ek = parameters.ek_of(dk).ok_or(CryptoError::InvalidKeyMaterial)?;
    let pair = Pair { private: LockedSecret::copy_of(dk)?, public: parameters.spki(ek) };
    check(spec, &pair)?;
    Ok(pair)
}

fn expanded_of<'a>(parameters: &Parameters, der: &'a [u8]) -> Option<&'a [u8]> {
    let mut outer = der::Reader::new(der);
    let mut info = der::Reader::new(outer.element(der::SEQUENCE)?);
    outer.end()?;
    info.expect(&[der::INTEGER, 1, 0])?;
    info.expect(&parameters.identifier())?;
    let mut private = der::Reader::new(info.element(der::OCTET_STRING)?);
    let dk = if private.peek() == Some(der::SEQUENCE) {
        let mut both = der::Reader::new(private.element(der::SEQUENCE)?);
        both.element(der::OCTET_STRING)?;
        both.element(der::OCTET_STRING)?
    } else {
        private.element(der::OCTET_STRING)?
    };
    private.end()?;
    Some(dk)
}

/// The halves of imported material must belong together: what one encapsulates the other must recover.
fn check(spec: KeySpec, pair: &Pair) -> Result<(), CryptoError> {
    let material = |_| CryptoError::InvalidKeyMaterial;
    let made = Encapsulator::load(spec, &pair.public).map_err(material)?.encapsulate().map_err(material)?;
    let found = Decapsulator::load(spec, &pair.private)?.decapsulate(&made.ciphertext).map_err(material)?;
    if constant_time_eq(&made.shared_secret, &found) { Ok(()) } else { Err(CryptoError::InvalidKeyMaterial) }
}

/// PKCS#8 with the expanded form of the private key.
pub(super) fn to_pkcs8(spec: KeySpec, material: &LockedSecret) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let identifier = Parameters::of(spec)?.identifier();
    let dk = material.expose();
    let inner = der::element_len(dk.len());
    let body = 3 + identifier.len() + der::element_len(inner);
    // Exactly as long as it will be: it must not move while the key is in it.
    let mut out = Zeroizing::new(Vec::with_capacity(der::element_len(body)));
    der::push_header(&mut out, der::SEQUENCE, body);
    out.extend_from_slice(&[der::INTEGER, 1, 0]);
    out.extend_from_slice(&identifier);
    der::push_header(&mut out, der::OCTET_STRING, inner);
    der::push_header(&mut out, der::OCTET_STRING, dk.len());
    out.extend_from_slice(dk);
    Ok(out)
}

pub(super) struct Decapsulator {
    key: DecapsulationKey,
    ciphertext_len: usize,
}

impl Decapsulator {
    pub(super) fn load(spec: KeySpec, material: &LockedSecret) -> Result<Self, CryptoError> {
        let parameters = Parameters::of(spec)?;
        parameters.ek_of(material.expose()).ok_or(CryptoError::InvalidKeyMaterial)?;
        let key = DecapsulationKey::new(parameters.algorithm, material.expose())
            .map_err(|_| CryptoError::InvalidKeyMaterial)?;
        Ok(Self { key, ciphertext_len: parameters.ciphertext })
    }

    pub(super) fn decapsulate(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        if ciphertext.len() != self.ciphertext_len {
            return Err(CryptoError::InvalidCiphertext);
        }
        let secret = self.key.decapsulate(Ciphertext::from(ciphertext))?;
        Ok(Zeroizing::new(secret.as_ref().to_vec()))
    }
}

pub(super) struct Encapsulator(EncapsulationKey);

impl Encapsulator {
    pub(super) fn load(spec: KeySpec, spki: &[u8]) -> Result<Self, CryptoError> {
        let parameters = Parameters::of(spec)?;
        let ek = spki
            .len()
            .checked_sub(parameters.ek_len())
            .and_then(|start| spki.get(start..))
            // The encoding has one form, so making it again checks everything around the key.
            .filter(|ek| parameters.spki(ek) == spki)
            .ok_or(CryptoError::InvalidPublicKey)?;
        EncapsulationKey::new(parameters.algorithm, ek).map(Self).map_err(|_| CryptoError::InvalidPublicKey)
    }

    pub(super) fn encapsulate(&self) -> Result<Encapsulated, CryptoError> {
        let (ciphertext, secret) = self.0.encapsulate()?;
        Ok(Encapsulated {
            shared_secret: Zeroizing::new(secret.as_ref().to_vec()),
            ciphertext: ciphertext.as_ref().to_vec(),
        })
    }
}
