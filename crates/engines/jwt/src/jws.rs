//! Signed tokens in compact form (RFC 7515, section 7.1).

use serde_json::{Map, Value};

use crate::{Algorithm, Claims, JwkSet, JwtError, decode};

/// The longest token that is read, in characters. Source: `clientTokenType` of the STS model.
pub const MAX_TOKEN_LEN: usize = 20_000;

/// A token whose signature is not verified yet.
#[derive(Debug, Clone)]
pub struct Jws<'a> {
    algorithm: Algorithm,
    key_id: Option<String>,
    claims: Claims,
    /// What is signed: header and claims as they came.
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Reads a token.
    ///
    /// # Errors
    /// It is too long, malformed, of an algorithm that is not taken, or demands an extension.
    pub fn parse(token: &'a str) -> Result<Self, JwtError> {
        if token.len() > MAX_TOKEN_LEN {
            return Err(JwtError::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(JwtError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(JwtError::Malformed)?;
        let header = object(header)?;
        let text = |name: &str| header.get(name).and_then(Value::as_str);
        let algorithm = text("alg").ok_or(JwtError::Malformed)?;
        let algorithm = Algorithm::of_name(algorithm).ok_or(JwtError::Algorithm)?;
        if header.contains_key("crit") {
            return Err(JwtError::Critical);
        }
        Ok(Self {
            algorithm,
            key_id: text("kid").map(str::to_owned),
            claims: Claims::new(object(claims)?),
            signed,
            signature: decode(signature)?,
        })
    }

    /// The issuer that the token names (`iss`), to find the keys by that verify it. Nothing else may be believed before.
    pub fn claimed_issuer(&self) -> Option<&str> {
        self.claims.text("iss")
    }

    /// The id of the key that shall have signed it.
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Verifies the signature, and gives what the token says.
    ///
    /// # Errors
    /// The set has no key for it, or the signature is wrong.
    pub fn verify(self, keys: &JwkSet) -> Result<Claims, JwtError> {
        let Self { algorithm, key_id, claims, signed, signature } = self;
        keys.verify(key_id.as_deref(), algorithm, signed.as_bytes(), &signature)?;
        Ok(claims)
    }
}

fn object(part: &str) -> Result<Map<String, Value>, JwtError> {
    serde_json::from_slice(&decode(part)?).map_err(|_| JwtError::Malformed)
}

#[cfg(test)]
#[path = "jws_tests.rs"]
mod tests;
