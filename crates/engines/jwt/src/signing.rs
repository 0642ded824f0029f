//! Keys of our own.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{JwtError, encode};

/// An algorithm that tokens are signed with here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// RSASSA-PKCS1-v1_5 with SHA-256 and a key of 2,048 bits.
    Rs256,
}

impl SigningAlgorithm {
    /// `alg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es384 => "ES384",
            Self::Rs256 => "RS256",
        }
    }
}

/// A private key that signs tokens.
pub struct SigningKey {
    id: String,
    pair: Pair,
}

enum Pair {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// A new key, as PKCS#8. Making one of RSA takes a while. AWS-LC draws the randomness.
    ///
    /// # Errors
    /// [`JwtError::Signing`].
    pub fn generate(algorithm: SigningAlgorithm) -> Result<Zeroizing<Vec<u8>>, JwtError> {
        let failed = |_| JwtError::Signing;
        match algorithm {
            SigningAlgorithm::Es384 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).map_err(failed)?;
                Ok(Zeroizing::new(pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec()))
            }
            SigningAlgorithm::Rs256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
                Ok(Zeroizing::new(pair.as_der().map_err(failed)?.as_ref().to_vec()))
            }
        }
    }

    /// Loads a key from PKCS#8. `id` is its `kid`.
    ///
    /// # Errors
    /// [`JwtError::Signing`] for what is no such key.
    pub fn from_pkcs8(algorithm: SigningAlgorithm, id: String, der: &[u8]) -> Result<Self, JwtError> {
        let failed = |_| JwtError::Signing;
        let pair = match algorithm {
            SigningAlgorithm::Es384 => {
                Pair::Ec(EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, der).map_err(failed)?)
            }
            SigningAlgorithm::Rs256 => Pair::Rsa(RsaKeyPair::from_pkcs8(der).map_err(failed)?),
        };
        Ok(Self { id, pair })
    }

    /// The public key as a JWK.
    ///
    /// # Errors
    /// [`JwtError::Signing`].
    pub fn jwk(&self) -> Result<Value, JwtError> {
        let (algorithm, id) = (self.algorithm().name(), &self.id);
        match &self.pair {
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref().strip_prefix(&[4]).ok_or(JwtError::Signing)?;
                let (x, y) = point.split_at_checked(48).ok_or(JwtError::Signing)?;
                Ok(json!({
                    "kty": "EC", "use": "sig", "alg": algorithm, "kid": id, "crv": "P-384",
                    "x": encode(x), "y": encode(y),
                }))
            }
            Pair::Rsa(pair) => {
                let (modulus, exponent) = numbers(pair.public_key().as_ref()).ok_or(JwtError::Signing)?;
                Ok(json!({
                    "kty": "RSA", "use": "sig", "alg": algorithm, "kid": id,
                    "n": encode(modulus),
                    "e": encode(exponent),
                }))
            }
        }
    }

    /// A token with these claims.
    ///
    /// # Errors
    /// [`JwtError::Signing`].
    pub fn sign(&self, claims: &Value) -> Result<String, JwtError> {
        let header = json!({ "alg": self.algorithm().name(), "kid": self.id, "typ": "JWT" });
        let mut token =
            format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
        let failed = |_| JwtError::Signing;
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Ec(pair) => pair.sign(&random, token.as_bytes()).map_err(failed)?.as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, token.as_bytes(), &mut signature).map_err(failed)?;
                signature
            }
        };
        token.push('.');
        token.push_str(&encode(&signature));
        Ok(token)
    }

    const fn algorithm(&self) -> SigningAlgorithm {
        match self.pair {
            Pair::Ec(_) => SigningAlgorithm::Es384,
            Pair::Rsa(_) => SigningAlgorithm::Rs256,
        }
    }
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017, appendix A.1.1), without leading zeros.
fn numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = value(0x30, der)?;
    let (modulus, rest) = value(0x02, sequence)?;
    let (exponent, _) = value(0x02, rest)?;
    Some((modulus.strip_prefix(&[0]).unwrap_or(modulus), exponent.strip_prefix(&[0]).unwrap_or(exponent)))
}

/// The content of a DER value with this tag, and what stands behind it.
fn value(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.strip_prefix(&[tag])?.split_first()?;
    let (length, rest) = match *first {
        0x81 => rest.split_first().map(|(length, rest)| (usize::from(*length), rest))?,
        0x82 => {
            rest.split_first_chunk().map(|(length, rest)| (usize::from(u16::from_be_bytes(*length)), rest))?
        }
        short => (usize::from(short), rest),
    };
    rest.split_at_checked(length)
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({} {})", self.algorithm().name(), self.id)
    }
}
