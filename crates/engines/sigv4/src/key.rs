//! Secrets and the keys that are derived of them.

use std::fmt;

use aws_lc_rs::hmac;
use zeroize::{Zeroize, Zeroizing};

use crate::SigError;
use crate::request::sha256;

/// A secret access key. Zeroized when dropped; `Debug` hides it.
pub struct SecretAccessKey {
    secret: Zeroizing<String>,
    fingerprint: [u8; 16],
}

impl SecretAccessKey {
    /// Takes the secret as AWS gives it out, for example 40 characters of Base64.
    pub fn new(secret: String) -> Self {
        let secret = Zeroizing::new(secret);
        let mut hash = sha256(secret.as_bytes());
        let mut fingerprint = [0; 16];
        for (to, from) in fingerprint.iter_mut().zip(hash) {
            *to = from;
        }
        hash.zeroize();
        Self { secret, fingerprint }
    }

    /// Tells this secret from the one that an access key had before: half of its SHA-256. Never leaves the process.
    pub(crate) fn fingerprint(&self) -> [u8; 16] {
        self.fingerprint
    }
}

impl fmt::Debug for SecretAccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretAccessKey(…)")
    }
}

/// The key that signs one day's requests to one service in one region. Zeroized when dropped; `Debug` hides it.
///
/// Source: IAM User Guide, "Create a signed AWS API request", step 4.
pub struct SigningKey(hmac::Key);

impl SigningKey {
    /// Derives the key of `secret` for the credential scope `day` (`YYYYMMDD`), `region`, `service`.
    ///
    /// # Errors
    /// [`SigError::Internal`] when the cryptographic library fails.
    pub fn derive(
        secret: &SecretAccessKey,
        day: &str,
        region: &str,
        service: &str,
    ) -> Result<Self, SigError> {
        let mut start = Zeroizing::new(Vec::with_capacity(4 + secret.secret.len()));
        start.extend_from_slice(b"AWS4");
        start.extend_from_slice(secret.secret.as_bytes());
        let mut key = Self(hmac::Key::new(hmac::HMAC_SHA256, &start));
        for element in [day, region, service, "aws4_request"] {
            let derived = Zeroizing::new(key.sign(element.as_bytes())?);
            key = Self(hmac::Key::new(hmac::HMAC_SHA256, derived.as_slice()));
        }
        Ok(key)
    }

    /// The HMAC-SHA-256 of `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<[u8; 32], SigError> {
        let mut tag = [0; 32];
        hmac::sign_to_buffer(&self.0, message, &mut tag).map_err(|_| SigError::Internal)?;
        Ok(tag)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    /// IAM User Guide, "Signing key examples"; the same key as in the older General Reference.
    #[test]
    fn the_documented_key_is_derived() {
        let secret = SecretAccessKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned());
        let mut key = hmac::Key::new(hmac::HMAC_SHA256, b"AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let mut last = [0; 32];
        for element in ["20150830", "us-east-1", "iam", "aws4_request"] {
            last = hmac::sign(&key, element.as_bytes()).as_ref().try_into().unwrap();
            key = hmac::Key::new(hmac::HMAC_SHA256, &last);
        }
        assert_eq!(&hex::encode(&last), b"c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
        let derived = SigningKey::derive(&secret, "20150830", "us-east-1", "iam").unwrap();
        assert_eq!(derived.sign(b"x").unwrap(), hmac::sign(&key, b"x").as_ref());
    }

    #[test]
    fn debug_shows_nothing() {
        let secret = SecretAccessKey::new("planted".to_owned());
        let key = SigningKey::derive(&secret, "20150830", "us-east-1", "iam").unwrap();
        assert_eq!(format!("{secret:?} {key:?}"), "SecretAccessKey(…) SigningKey(…)");
    }
}
