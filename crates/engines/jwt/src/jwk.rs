//! Public keys: JSON Web Key Sets (RFC 7517).

use aws_lc_rs::signature::{RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Map, Value};

use crate::{Algorithm, JwtError, decode};

/// The longest key set that is read, in bytes.
pub const MAX_KEY_SET_LEN: usize = 256 << 10;
/// The most keys of a set.
pub const MAX_KEYS: usize = 100;

/// The public keys of an issuer. Keys of kinds that are not known are left out, as are those that are not for signatures.
#[derive(Debug, Clone, Default)]
pub struct JwkSet {
    keys: Vec<Jwk>,
}

#[derive(Debug, Clone)]
struct Jwk {
    id: Option<String>,
    algorithm: Option<String>,
    material: Material,
}

#[derive(Debug, Clone)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// The point as SEC 1 writes it, or the 32 bytes of RFC 8032.
    Curve {
        name: String,
        point: Vec<u8>,
    },
}

impl JwkSet {
    /// Reads a set.
    ///
    /// # Errors
    /// It is too long, has too many keys, or is none.
    pub fn parse(json: &[u8]) -> Result<Self, JwtError> {
        if json.len() > MAX_KEY_SET_LEN {
            return Err(JwtError::TooLong);
        }
        let set: Value = serde_json::from_slice(json).map_err(|_| JwtError::Malformed)?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or(JwtError::Malformed)?;
        if keys.len() > MAX_KEYS {
            return Err(JwtError::TooLong);
        }
        Ok(Self { keys: keys.iter().filter_map(Value::as_object).filter_map(Jwk::read).collect() })
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether a key that is meant for the algorithm, and has the id if one is given, signed the message.
    pub(crate) fn verify(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), JwtError> {
        let mut outcome = Err(JwtError::NoKey);
        for key in self.keys.iter().filter(|key| key.is_meant_for(id, algorithm)) {
            match key.material.verify(algorithm, message, signature) {
                Some(true) => return Ok(()),
                Some(false) => outcome = Err(JwtError::Signature),
                None => {}
            }
        }
        outcome
    }
}

impl Jwk {
    fn read(key: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let bytes = |name: &str| decode(text(name)?).ok();
        let material = match text("kty")? {
            "RSA" => Material::Rsa { n: without_zeros(bytes("n")?), e: without_zeros(bytes("e")?) },
            "EC" => {
                let point = [vec![4], bytes("x")?, bytes("y")?].concat();
                Material::Curve { name: text("crv")?.to_owned(), point }
            }
            "OKP" => Material::Curve { name: text("crv")?.to_owned(), point: bytes("x")? },
            _ => return None,
        };
        let owned = |name: &str| text(name).map(str::to_owned);
        Some(Self { id: owned("kid"), algorithm: owned("alg"), material })
    }

    fn is_meant_for(&self, id: Option<&str>, algorithm: Algorithm) -> bool {
        id.is_none_or(|id| self.id.as_deref() == Some(id))
            && self.algorithm.as_deref().is_none_or(|own| own == algorithm.name())
    }
}

impl Material {
    /// Whether it signed the message; none when it is no key of the algorithm.
    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Option<bool> {
        match self {
            Self::Rsa { n, e } => {
                let key = RsaPublicKeyComponents { n, e };
                Some(key.verify(algorithm.rsa()?, message, signature).is_ok())
            }
            Self::Curve { name, point } => {
                let (curve, coordinate, verify) = algorithm.curve()?;
                let expected = if algorithm == Algorithm::EdDsa { coordinate } else { 1 + 2 * coordinate };
                if curve != name || point.len() != expected {
                    return None;
                }
                Some(UnparsedPublicKey::new(verify, point).verify(message, signature).is_ok())
            }
        }
    }
}

/// Some issuers write numbers with a leading zero byte, which RFC 7518 forbids and AWS-LC refuses.
fn without_zeros(number: Vec<u8>) -> Vec<u8> {
    number.into_iter().skip_while(|byte| *byte == 0).collect()
}
