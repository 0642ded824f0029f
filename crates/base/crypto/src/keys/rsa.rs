//! RSA keys, through AWS-LC. The canonical secret part is PKCS#8 DER.

use super::message::{Decrypt, Encrypt, Message, Pair, Sign, Verify};
use super::spec::{EncryptionAlgorithm, KeySpec, SigningAlgorithm};
use crate::{CryptoError, LockedSecret, Rng};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{
    self, KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{self, ParsedPublicKey, RsaEncoding, VerificationAlgorithm};
use aws_lc_rs::{digest, rand};
use zeroize::Zeroizing;

fn modulus_bits(spec: KeySpec) -> Option<(usize, KeySize)> {
    match spec {
        KeySpec::Rsa2048 => Some((2048, KeySize::Rsa2048)),
        KeySpec::Rsa3072 => Some((3072, KeySize::Rsa3072)),
        KeySpec::Rsa4096 => Some((4096, KeySize::Rsa4096)),
        _ => None,
    }
}

pub(super) fn generate(spec: KeySpec) -> Result<Pair, CryptoError> {
    let (_, size) = modulus_bits(spec).ok_or(CryptoError::UnsupportedAlgorithm)?;
    pair_of(&PrivateDecryptingKey::generate(size)?)
}

pub(super) fn from_pkcs8(spec: KeySpec, der: &[u8]) -> Result<Pair, CryptoError> {
    pair_of(&parse(spec, der)?)
}

fn pair_of(key: &PrivateDecryptingKey) -> Result<Pair, CryptoError> {
    let private = LockedSecret::copy_of(key.as_der()?.as_ref())?;
    Ok(Pair { private, public: key.public_key().as_der()?.as_ref().to_vec() })
}

/// Parses and checks (AWS-LC checks that the components agree) a key of exactly the specification's modulus length.
fn parse(spec: KeySpec, der: &[u8]) -> Result<PrivateDecryptingKey, CryptoError> {
    let key = PrivateDecryptingKey::from_pkcs8(der).map_err(|_| CryptoError::InvalidKeyMaterial)?;
    if modulus_bits(spec).is_some_and(|(bits, _)| bits == key.key_size_bits()) {
        Ok(key)
    } else {
        Err(CryptoError::InvalidKeyMaterial)
    }
}

pub(super) struct Signer(rsa::KeyPair);

impl Signer {
    pub(super) fn load(spec: KeySpec, material: &LockedSecret) -> Result<Self, CryptoError> {
        // The exact number of bits was checked when the material was made; a stored key of another size differs in bytes.
        rsa::KeyPair::from_pkcs8(material.expose())
            .ok()
            .filter(|key| modulus_bits(spec).is_some_and(|(bits, _)| bits == key.public_modulus_len() * 8))
            .map(Self)
            .ok_or(CryptoError::InvalidKeyMaterial)
    }
}

impl Sign for Signer {
    fn sign(
        &self,
        algorithm: SigningAlgorithm,
        message: Message<'_>,
        _: &dyn Rng,
    ) -> Result<Vec<u8>, CryptoError> {
        let scheme = Scheme::of(algorithm).ok_or(CryptoError::UnsupportedAlgorithm)?;
        let mut signature = vec![0; self.0.public_modulus_len()];
        match message {
            Message::Raw(bytes) => {
                self.0.sign(scheme.sign, &rand::SystemRandom::new(), bytes, &mut signature)?
            }
            Message::Digest(bytes) => {
                let digest = digest::Digest::import_less_safe(bytes, scheme.hash)?;
                self.0.sign_digest(scheme.sign, &digest, &mut signature)?;
            }
            Message::Mu(_) => return Err(CryptoError::UnsupportedMessageType),
        }
        Ok(signature)
    }
}

/// The public key parsed once for each signing algorithm, since AWS-LC's parsed keys are bound to one.
pub(super) struct Verifier(Vec<(SigningAlgorithm, &'static digest::Algorithm, ParsedPublicKey)>);

impl Verifier {
    pub(super) fn load(spec: KeySpec, spki: &[u8]) -> Result<Self, CryptoError> {
        parse_public(spec, spki)?;
        let parse = |algorithm: &SigningAlgorithm| {
            let scheme = Scheme::of(*algorithm)?;
            Some((*algorithm, scheme.hash, ParsedPublicKey::new(scheme.verify, spki).ok()?))
        };
        let keys: Option<_> = spec.signing_algorithms().iter().map(parse).collect();
        keys.map(Self).ok_or(CryptoError::InvalidPublicKey)
    }
}

impl Verify for Verifier {
    fn verify(&self, algorithm: SigningAlgorithm, message: Message<'_>, signature: &[u8]) -> Option<()> {
        let (_, hash, key) = self.0.iter().find(|(of, ..)| *of == algorithm)?;
        match message {
            Message::Raw(bytes) => key.verify_sig(bytes, signature).ok(),
            Message::Digest(bytes) => {
                let digest = digest::Digest::import_less_safe(bytes, hash).ok()?;
                key.verify_digest_sig(&digest, signature).ok()
            }
            Message::Mu(_) => None,
        }
    }
}

/// A signing algorithm in AWS-LC's terms. AWS-LC's PSS constants use, and demand, a salt as long as the digest.
struct Scheme {
    hash: &'static digest::Algorithm,
    sign: &'static dyn RsaEncoding,
    verify: &'static dyn VerificationAlgorithm,
}

impl Scheme {
    fn of(algorithm: SigningAlgorithm) -> Option<Self> {
        use SigningAlgorithm as A;
        use signature as s;
        let (hash, sign, verify): (_, &'static dyn RsaEncoding, &'static dyn VerificationAlgorithm) =
            match algorithm {
                A::RsassaPssSha256 => (&digest::SHA256, &s::RSA_PSS_SHA256, &s::RSA_PSS_2048_8192_SHA256),
                A::RsassaPssSha384 => (&digest::SHA384, &s::RSA_PSS_SHA384, &s::RSA_PSS_2048_8192_SHA384),
                A::RsassaPssSha512 => (&digest::SHA512, &s::RSA_PSS_SHA512, &s::RSA_PSS_2048_8192_SHA512),
                A::RsassaPkcs1V15Sha256 => {
                    (&digest::SHA256, &s::RSA_PKCS1_SHA256, &s::RSA_PKCS1_2048_8192_SHA256)
                }
                A::RsassaPkcs1V15Sha384 => {
                    (&digest::SHA384, &s::RSA_PKCS1_SHA384, &s::RSA_PKCS1_2048_8192_SHA384)
                }
                A::RsassaPkcs1V15Sha512 => {
                    (&digest::SHA512, &s::RSA_PKCS1_SHA512, &s::RSA_PKCS1_2048_8192_SHA512)
                }
                _ => return None,
            };
        Some(Self { hash, sign, verify })
    }
}

fn oaep(algorithm: EncryptionAlgorithm) -> Option<&'static OaepAlgorithm> {
    match algorithm {
        EncryptionAlgorithm::RsaesOaepSha1 => Some(&OAEP_SHA1_MGF1SHA1),
        EncryptionAlgorithm::RsaesOaepSha256 => Some(&OAEP_SHA256_MGF1SHA256),
        EncryptionAlgorithm::SymmetricDefault | EncryptionAlgorithm::Sm2Pke => None,
    }
}

pub(super) struct Decrypter(OaepPrivateDecryptingKey);

impl Decrypter {
    pub(super) fn load(spec: KeySpec, material: &LockedSecret) -> Result<Self, CryptoError> {
        let key = parse(spec, material.expose())?;
        OaepPrivateDecryptingKey::new(key).map(Self).map_err(|_| CryptoError::InvalidKeyMaterial)
    }
}

impl Decrypt for Decrypter {
    fn decrypt(&self, algorithm: EncryptionAlgorithm, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut plaintext = Zeroizing::new(vec![0; self.0.min_output_size()]);
        let len = self.0.decrypt(oaep(algorithm)?, ciphertext, &mut plaintext, None).ok()?.len();
        plaintext.truncate(len);
        Some(plaintext)
    }
}

pub(super) struct Encrypter(OaepPublicEncryptingKey);

impl Encrypter {
    pub(super) fn load(spec: KeySpec, spki: &[u8]) -> Result<Self, CryptoError> {
        OaepPublicEncryptingKey::new(parse_public(spec, spki)?)
            .map(Self)
            .map_err(|_| CryptoError::InvalidPublicKey)
    }
}

impl Encrypt for Encrypter {
    fn encrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        plaintext: &[u8],
        _: &dyn Rng,
    ) -> Result<Vec<u8>, CryptoError> {
        let algorithm = oaep(algorithm).ok_or(CryptoError::UnsupportedAlgorithm)?;
        if plaintext.len() > self.0.max_plaintext_size(algorithm) {
            return Err(CryptoError::InvalidLength);
        }
        let mut ciphertext = vec![0; self.0.ciphertext_size()];
        self.0.encrypt(algorithm, plaintext, &mut ciphertext, None)?;
        Ok(ciphertext)
    }
}

fn parse_public(spec: KeySpec, spki: &[u8]) -> Result<PublicEncryptingKey, CryptoError> {
    PublicEncryptingKey::from_der(spki)
        .ok()
        .filter(|key| modulus_bits(spec).is_some_and(|(bits, _)| bits == key.key_size_bits()))
        .ok_or(CryptoError::InvalidPublicKey)
}
