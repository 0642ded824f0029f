//! SM2 (GB/T 32918), which AWS-LC lacks, through the `sm2` crate: SM2DSA with SM3 and the default distinguishing
//! identifier, SM2PKE in its ASN.1 form, and Diffie-Hellman on the curve. The canonical secret part is PKCS#8 DER.

use super::message::{Agree, Decrypt, Encrypt, Message, Pair, Sign, Verify};
use super::spec::{EncryptionAlgorithm, KeySpec, SigningAlgorithm};
use super::spki;
use crate::rng::Adapter;
use crate::{CryptoError, LockedSecret, Rng};
use sm2::dsa::signature::hazmat::{PrehashVerifier as _, RandomizedPrehashSigner as _};
use sm2::dsa::signature::{RandomizedSigner as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::Generate as _;
use sm2::elliptic_curve::point::AffineCoordinates as _;
use sm2::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _};
use sm2::pke::{DecryptingKey, EncryptingKey, Mode};
use sm2::{PublicKey, SecretKey};
use zeroize::Zeroizing;

/// The distinguishing identifier that applies when none is agreed on (GM/T 0009), and that AWS KMS uses.
const DISTINGUISHING_ID: &str = "1234567812345678";

pub(super) fn generate(rng: &dyn Rng) -> Result<Pair, CryptoError> {
    let key = SecretKey::try_generate_from_rng(&mut Adapter(rng)).map_err(|_| CryptoError::Internal)?;
    pair_of(&key)
}

pub(super) fn from_pkcs8(der: &[u8]) -> Result<Pair, CryptoError> {
    pair_of(&SecretKey::from_pkcs8_der(der).map_err(|_| CryptoError::InvalidKeyMaterial)?)
}

fn pair_of(key: &SecretKey) -> Result<Pair, CryptoError> {
    let private = key.to_pkcs8_der().map_err(|_| CryptoError::Internal)?;
    let public = key.public_key().to_public_key_der().map_err(|_| CryptoError::Internal)?;
    Ok(Pair { private: LockedSecret::copy_of(private.as_bytes())?, public: public.as_bytes().to_vec() })
}

/// A private key of any usage. Only the key type that wipes itself is kept; the operations' own types are made each time.
pub(super) struct Private(Box<SecretKey>);

impl Private {
    pub(super) fn load(material: &LockedSecret) -> Result<Self, CryptoError> {
        let key =
            SecretKey::from_pkcs8_der(material.expose()).map_err(|_| CryptoError::InvalidKeyMaterial)?;
        Ok(Self(Box::new(key)))
    }
}

impl Sign for Private {
    fn sign(&self, _: SigningAlgorithm, message: Message<'_>, rng: &dyn Rng) -> Result<Vec<u8>, CryptoError> {
        let key = SigningKey::new(DISTINGUISHING_ID, &self.0).map_err(|_| CryptoError::Internal)?;
        let signature: Signature = match message {
            Message::Raw(bytes) => key.try_sign_with_rng(&mut Adapter(rng), bytes),
            Message::Digest(bytes) => key.sign_prehash_with_rng(&mut Adapter(rng), bytes),
            Message::Mu(_) => return Err(CryptoError::UnsupportedMessageType),
        }
        .map_err(|_| CryptoError::Internal)?;
        Ok(signature.to_der().as_bytes().to_vec())
    }
}

impl Decrypt for Private {
    fn decrypt(&self, _: EncryptionAlgorithm, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let key = DecryptingKey::new_with_mode(self.0.to_nonzero_scalar(), Mode::C1C3C2);
        key.decrypt_der(ciphertext).ok().map(Zeroizing::new)
    }
}

impl Agree for Private {
    fn agree(&self, peer_spki: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let peer = Public::load(peer_spki)?;
        let scalar = Zeroizing::new(*self.0.to_nonzero_scalar());
        // The group has prime order, so the product of a point of the curve and a non-zero scalar is never the identity.
        let point = (peer.0.to_projective() * *scalar).to_affine();
        Ok(Zeroizing::new(point.x().to_vec()))
    }
}

/// A public key of any usage.
pub(super) struct Public(PublicKey);

impl Public {
    /// Checks the encoding, the curve, and that the point is on it.
    pub(super) fn load(spki: &[u8]) -> Result<Self, CryptoError> {
        let point = spki::public_key(KeySpec::Sm2, spki).ok_or(CryptoError::InvalidPublicKey)?;
        PublicKey::from_sec1_bytes(point).map(Self).map_err(|_| CryptoError::InvalidPublicKey)
    }
}

impl Verify for Public {
    fn verify(&self, _: SigningAlgorithm, message: Message<'_>, signature: &[u8]) -> Option<()> {
        let key = VerifyingKey::new(DISTINGUISHING_ID, self.0).ok()?;
        let signature = Signature::from_der(signature).ok()?;
        match message {
            Message::Raw(bytes) => key.verify(bytes, &signature).ok(),
            Message::Digest(bytes) => key.verify_prehash(bytes, &signature).ok(),
            Message::Mu(_) => None,
        }
    }
}

impl Encrypt for Public {
    fn encrypt(
        &self,
        _: EncryptionAlgorithm,
        plaintext: &[u8],
        rng: &dyn Rng,
    ) -> Result<Vec<u8>, CryptoError> {
        let key = EncryptingKey::new_with_mode(self.0, Mode::C1C3C2);
        key.encrypt_der(&mut Adapter(rng), plaintext).map_err(|_| CryptoError::InvalidLength)
    }
}
