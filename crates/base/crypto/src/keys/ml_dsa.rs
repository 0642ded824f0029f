//! ML-DSA (FIPS 204) through AWS-LC; signing and verifying an external message representative μ, which AWS-LC's safe
//! interface lacks, through the `ml-dsa` crate. The canonical secret part is the 32-byte seed ξ. Signatures are hedged: each
//! has fresh randomness (FIPS 204, algorithm 2), with an empty context.

use super::message::{Message, Pair, Sign, Verify};
use super::spec::{KeySpec, SigningAlgorithm};
use super::spki;
use crate::rng::Adapter;
use crate::{CryptoError, LockedSecret, Rng, der};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::signature::{
    self, KeyPair as _, ParsedPublicKey, PqdsaKeyPair, PqdsaSigningAlgorithm, PqdsaVerificationAlgorithm,
};
use ml_dsa::{ExpandedSigningKey, MlDsa44, MlDsa65, MlDsa87, MlDsaParams, Signature, VerifyingKey};

const SEED_LEN: usize = 32;

fn algorithms(
    spec: KeySpec,
) -> Result<(&'static PqdsaSigningAlgorithm, &'static PqdsaVerificationAlgorithm), CryptoError> {
    match spec {
        KeySpec::MlDsa44 => Ok((&signature::ML_DSA_44_SIGNING, &signature::ML_DSA_44)),
        KeySpec::MlDsa65 => Ok((&signature::ML_DSA_65_SIGNING, &signature::ML_DSA_65)),
        KeySpec::MlDsa87 => Ok((&signature::ML_DSA_87_SIGNING, &signature::ML_DSA_87)),
        _ => Err(CryptoError::UnsupportedAlgorithm),
    }
}

pub(super) fn generate(spec: KeySpec, rng: &dyn Rng) -> Result<Pair, CryptoError> {
    let private = LockedSecret::random(SEED_LEN, rng)?;
    let public = public_of(&expand(spec, &private)?)?;
    Ok(Pair { private, public })
}

fn public_of(key: &PqdsaKeyPair) -> Result<Vec<u8>, CryptoError> {
    Ok(key.public_key().as_der()?.as_ref().to_vec())
}

fn expand(spec: KeySpec, seed: &LockedSecret) -> Result<PqdsaKeyPair, CryptoError> {
    PqdsaKeyPair::from_seed(algorithms(spec)?.0, seed.expose()).map_err(|_| CryptoError::InvalidKeyMaterial)
}

/// Takes PKCS#8 with the seed, alone or beside the expanded key (RFC 9881). Without a seed there is no canonical form.
pub(super) fn from_pkcs8(spec: KeySpec, der: &[u8]) -> Result<Pair, CryptoError> {
    let key =
        PqdsaKeyPair::from_pkcs8(algorithms(spec)?.0, der).map_err(|_| CryptoError::InvalidKeyMaterial)?;
    let seed_form = key.to_pkcs8v1().map_err(|_| CryptoError::InvalidKeyMaterial)?;
    let private =
        LockedSecret::copy_of(seed_of(spec, seed_form.as_ref()).ok_or(CryptoError::InvalidKeyMaterial)?)?;
    Ok(Pair { private, public: public_of(&key)? })
}

/// The seed in the form `[0] seed`, which is what AWS-LC writes when it has one.
fn seed_of(spec: KeySpec, pkcs8: &[u8]) -> Option<&[u8]> {
    let mut private = der::Reader::new(spki::private_key(spec, pkcs8)?);
    let seed = private.element(der::CONTEXT_0_PRIMITIVE).filter(|seed| seed.len() == SEED_LEN)?;
    private.end()?;
    Some(seed)
}

pub(super) struct Signer {
    spec: KeySpec,
    key: PqdsaKeyPair,
    /// For external μ: the other library expands it anew each time.
    seed: LockedSecret,
}

impl Signer {
    pub(super) fn load(spec: KeySpec, material: &LockedSecret) -> Result<Self, CryptoError> {
        Ok(Self { spec, key: expand(spec, material)?, seed: material.try_clone()? })
    }
}

impl Sign for Signer {
    fn sign(&self, _: SigningAlgorithm, message: Message<'_>, rng: &dyn Rng) -> Result<Vec<u8>, CryptoError> {
        match message {
            Message::Raw(bytes) => {
                let mut signature = vec![0; self.key.algorithm().signature_len()];
                let len = self.key.sign(bytes, &mut signature)?;
                signature.truncate(len);
                Ok(signature)
            }
            Message::Mu(mu) => match self.spec {
                KeySpec::MlDsa44 => sign_mu::<MlDsa44>(&self.seed, mu, rng),
                KeySpec::MlDsa65 => sign_mu::<MlDsa65>(&self.seed, mu, rng),
                _ => sign_mu::<MlDsa87>(&self.seed, mu, rng),
            },
            Message::Digest(_) => Err(CryptoError::UnsupportedMessageType),
        }
    }
}

fn sign_mu<P: MlDsaParams>(
    seed: &LockedSecret,
    mu: &[u8; 64],
    rng: &dyn Rng,
) -> Result<Vec<u8>, CryptoError> {
    let seed = seed.expose().try_into().map_err(|_| CryptoError::Internal)?;
    let key = Box::new(ExpandedSigningKey::<P>::from_seed(seed));
    let signature =
        key.sign_mu_randomized(mu.into(), &mut Adapter(rng)).map_err(|_| CryptoError::Internal)?;
    Ok(signature.encode().to_vec())
}

pub(super) struct Verifier {
    key: ParsedPublicKey,
    mu: Box<dyn VerifyMu>,
}

trait VerifyMu: Send + Sync {
    fn verify_mu(&self, mu: &[u8; 64], signature: &[u8]) -> Option<()>;
}

impl<P: MlDsaParams + Send + Sync> VerifyMu for VerifyingKey<P> {
    fn verify_mu(&self, mu: &[u8; 64], signature: &[u8]) -> Option<()> {
        let signature = Signature::<P>::try_from(signature).ok()?;
        Self::verify_mu(self, mu.into(), &signature).then_some(())
    }
}

impl Verifier {
    /// `raw` is the key inside `spki`.
    pub(super) fn load(spec: KeySpec, spki: &[u8], raw: &[u8]) -> Result<Self, CryptoError> {
        let (_, algorithm) = algorithms(spec)?;
        let key = ParsedPublicKey::new(algorithm, spki).map_err(|_| CryptoError::InvalidPublicKey)?;
        let mu = match spec {
            KeySpec::MlDsa44 => decode::<MlDsa44>(raw),
            KeySpec::MlDsa65 => decode::<MlDsa65>(raw),
            _ => decode::<MlDsa87>(raw),
        };
        Ok(Self { key, mu: mu.ok_or(CryptoError::InvalidPublicKey)? })
    }
}

fn decode<P: MlDsaParams + Send + Sync + 'static>(raw: &[u8]) -> Option<Box<dyn VerifyMu>> {
    Some(Box::new(VerifyingKey::<P>::decode(raw.try_into().ok()?)))
}

impl Verify for Verifier {
    fn verify(&self, _: SigningAlgorithm, message: Message<'_>, signature: &[u8]) -> Option<()> {
        match message {
            Message::Raw(bytes) => self.key.verify_sig(bytes, signature).ok(),
            Message::Mu(mu) => self.mu.verify_mu(mu, signature),
            Message::Digest(_) => None,
        }
    }
}
