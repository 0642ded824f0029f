//! ML-KEM (FIPS 203) through AWS-LC. The canonical secret part is the expanded decapsulation key,
//! `dk_pke (384·k) ‖ ek (384·k + 32) ‖ SHA3-256(ek) (32) ‖ z (32)`: AWS-LC's safe interface neither takes nor gives the seed.
//! The encodings as SPKI and PKCS#8 (RFC 9935), which it does not offer either, are ours.

use super::message::Pair;
use super::public::Encapsulated;
use super::spec::KeySpec;
use super::spki;
use crate::secret::constant_time_eq;
use crate::{CryptoError, LockedSecret, der};
use aws_lc_rs::digest;
use aws_lc_rs::kem::{self, Ciphertext, DecapsulationKey, EncapsulationKey};
use zeroize::Zeroizing;

const TAIL_LEN: usize = 64;

/// The sizes of a parameter set.
struct Parameters {
    algorithm: &'static kem::Algorithm,
    /// Length of `dk_pke`.
    dk_pke: usize,
    ciphertext: usize,
}

impl Parameters {
    fn of(spec: KeySpec) -> Result<Self, CryptoError> {
        let (algorithm, k, ciphertext) = match spec {
            KeySpec::MlKem512 => (&kem::ML_KEM_512, 2, 768),
            KeySpec::MlKem768 => (&kem::ML_KEM_768, 3, 1088),
            KeySpec::MlKem1024 => (&kem::ML_KEM_1024, 4, 1568),
            _ => return Err(CryptoError::UnsupportedAlgorithm),
        };
        Ok(Self { algorithm, dk_pke: 384 * k, ciphertext })
    }

    fn ek_len(&self) -> usize {
        self.dk_pke + 32
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
    let ek = key.encapsulation_key()?.key_bytes()?;
    Ok(Pair { private, public: spki::encode(spec, ek.as_ref()).ok_or(CryptoError::Internal)? })
}

/// Takes PKCS#8 whose private key is in the expanded form, alone or beside the seed (RFC 9935).
pub(super) fn from_pkcs8(spec: KeySpec, der: &[u8]) -> Result<Pair, CryptoError> {
    let parameters = Parameters::of(spec)?;
    let dk = expanded_of(spec, der).ok_or(CryptoError::InvalidKeyMaterial)?;
    let ek = parameters.ek_of(dk).ok_or(CryptoError::InvalidKeyMaterial)?;
    let private = LockedSecret::copy_of(dk)?;
    check(spec, &private, ek)?;
    Ok(Pair { private, public: spki::encode(spec, ek).ok_or(CryptoError::Internal)? })
}

fn expanded_of(spec: KeySpec, der: &[u8]) -> Option<&[u8]> {
    let mut private = der::Reader::new(spki::private_key(spec, der)?);
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
fn check(spec: KeySpec, private: &LockedSecret, ek: &[u8]) -> Result<(), CryptoError> {
    let material = |_| CryptoError::InvalidKeyMaterial;
    let made = Encapsulator::load(spec, ek).and_then(|key| key.encapsulate()).map_err(material)?;
    let found = Decapsulator::load(spec, private)?.decapsulate(&made.ciphertext).map_err(material)?;
    if constant_time_eq(&made.shared_secret, &found) { Ok(()) } else { Err(CryptoError::InvalidKeyMaterial) }
}

/// PKCS#8 with the expanded form of the private key.
pub(super) fn to_pkcs8(spec: KeySpec, material: &LockedSecret) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let dk = Zeroizing::new(der::element(der::OCTET_STRING, &[material.expose()]));
    spki::encode_private(spec, &dk).ok_or(CryptoError::Internal)
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
    /// `ek` is the key inside the SPKI; AWS-LC checks its length.
    pub(super) fn load(spec: KeySpec, ek: &[u8]) -> Result<Self, CryptoError> {
        let parameters = Parameters::of(spec)?;
        EncapsulationKey::new(parameters.algorithm, ek).map(Self).map_err(|_| CryptoError::InvalidPublicKey)
    }

    pub(super) fn encapsulate(&self) -> Result<Encapsulated, CryptoError> {
        // AWS-LC checks the key's coefficients (FIPS 203, section 7.2) here rather than when it is loaded.
        let (ciphertext, secret) = self.0.encapsulate().map_err(|_| CryptoError::InvalidPublicKey)?;
        Ok(Encapsulated {
            shared_secret: Zeroizing::new(secret.as_ref().to_vec()),
            ciphertext: ciphertext.as_ref().to_vec(),
        })
    }
}
