//! Encrypted assertions.
//!
//! Source: W3C "XML Encryption Syntax and Processing Version 1.1", sections 3, 5.2 and 5.5; SAML V2.0 "Assertions and
//! Protocols", sections 2.3.4 and 6.

use aws_lc_rs::aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, AES_192, AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use aws_lc_rs::{aead, cipher};
use zeroize::Zeroizing;

use crate::names::{ENCRYPTION, ENCRYPTION_11, SIGNATURE};
use crate::xml::{Document, ElementId};
use crate::{SamlError, base64};

/// The most encrypted keys of one assertion: there is one for each of those who may read it.
const MAX_KEYS: usize = 4;
/// The longest output of RSA: that of a key of 8,192 bits.
const MAX_RSA: usize = 1024;
/// The block, and the initialization vector, of AES-CBC.
const BLOCK: usize = 16;
/// The nonce of AES-GCM.
const NONCE: usize = 12;

/// How assertions may be encrypted. The default: not at all.
#[derive(Default)]
pub struct Encryption<'a> {
    /// RSA private keys in PKCS#8 DER, of which any may open an assertion.
    pub private_keys: Vec<&'a [u8]>,
    /// Whether an assertion that is not encrypted is refused.
    pub required: bool,
}

impl Encryption<'_> {
    /// What is encrypted in an `EncryptedAssertion`: a document in whose root the decrypted element stands.
    ///
    /// # Errors
    /// [`SamlError::Unsupported`], or [`SamlError::Decryption`] for everything that depends on what the ciphertext decrypts
    /// to: whoever alters it learns nothing from the answer.
    pub(crate) fn open(&self, document: &Document, encrypted: ElementId) -> Result<Document, SamlError> {
        if self.private_keys.is_empty() {
            return Err(SamlError::Unsupported("an encrypted assertion, without a private key"));
        }
        let data = document.only(encrypted, ENCRYPTION, "EncryptedData").ok_or(SamlError::Decryption)?;
        let kind = document.attribute(data, "Type");
        if kind.is_some_and(|kind| kind.strip_prefix(ENCRYPTION) != Some("Element")) {
            return Err(SamlError::Unsupported("what is encrypted is not an element"));
        }
        let how =
            Content::of_uri(method(document, data).1).ok_or(SamlError::Unsupported("its encryption"))?;
        let content = cipher_value(document, data)?;
        let info = document.only(data, SIGNATURE, "KeyInfo");
        // The keys stand in the data, or next to it.
        let keys: Vec<_> = info
            .into_iter()
            .chain([encrypted])
            .flat_map(|place| document.named(place, ENCRYPTION, "EncryptedKey"))
            .collect();
        if keys.len() > MAX_KEYS {
            return Err(SamlError::Unsupported("so many encrypted keys"));
        }
        let mut refused = SamlError::Decryption;
        for key in keys {
            // One that is for somebody else may be encrypted in any way.
            let transport = match transport(document, key) {
                Ok(transport) => transport,
                Err(other) => {
                    refused = other;
                    continue;
                }
            };
            let wrapped = cipher_value(document, key)?;
            for own in &self.private_keys {
                let Some(key) = unwrap(own, transport, &wrapped) else { continue };
                let clear = how.decrypt(&key, content.clone()).ok_or(SamlError::Decryption)?;
                let text = String::from_utf8(clear).map_err(|_| SamlError::Decryption)?;
                return Document::parse_in(&text, document, encrypted).map_err(|_| SamlError::Decryption);
            }
        }
        Err(refused)
    }
}

/// The element `EncryptionMethod` of data or of a key, and its algorithm.
fn method(document: &Document, of: ElementId) -> (Option<ElementId>, &str) {
    let method = document.only(of, ENCRYPTION, "EncryptionMethod");
    (method, method.and_then(|method| document.attribute(method, "Algorithm")).unwrap_or_default())
}

fn cipher_value(document: &Document, of: ElementId) -> Result<Vec<u8>, SamlError> {
    let data = document.only(of, ENCRYPTION, "CipherData");
    let value = data.and_then(|data| document.only(data, ENCRYPTION, "CipherValue"));
    let text = value.and_then(|value| document.text(value));
    text.and_then(|text| base64(&text)).ok_or(SamlError::Decryption)
}

/// How a key is encrypted: RSA-OAEP, whose two hash functions are one. RSAES-PKCS1-v1_5 is not taken.
fn transport(document: &Document, key: ElementId) -> Result<&'static OaepAlgorithm, SamlError> {
    const OTHER: SamlError = SamlError::Unsupported("its key transport");
    let (method, algorithm) = method(document, key);
    let method = method.ok_or(OTHER)?;
    let mask =
        document.only(method, ENCRYPTION_11, "MGF").and_then(|mask| document.attribute(mask, "Algorithm"));
    let mask = match (algorithm.strip_prefix(ENCRYPTION), algorithm.strip_prefix(ENCRYPTION_11), mask) {
        (Some("rsa-oaep-mgf1p"), _, _) | (_, Some("rsa-oaep"), None) => "mgf1sha1",
        (_, Some("rsa-oaep"), Some(mask)) => mask.strip_prefix(ENCRYPTION_11).ok_or(OTHER)?,
        _ => return Err(OTHER),
    };
    if document
        .only(method, ENCRYPTION, "OAEPparams")
        .is_some_and(|label| document.text(label) != Some(String::new()))
    {
        return Err(OTHER);
    }
    let digest = document.only(method, SIGNATURE, "DigestMethod");
    let digest = digest.and_then(|digest| document.attribute(digest, "Algorithm"));
    match (digest, mask) {
        (None | Some("http://www.w3.org/2000/09/xmldsig#sha1"), "mgf1sha1") => Ok(&OAEP_SHA1_MGF1SHA1),
        (Some("http://www.w3.org/2001/04/xmlenc#sha256"), "mgf1sha256") => Ok(&OAEP_SHA256_MGF1SHA256),
        (Some("http://www.w3.org/2001/04/xmldsig-more#sha384"), "mgf1sha384") => Ok(&OAEP_SHA384_MGF1SHA384),
        (Some("http://www.w3.org/2001/04/xmlenc#sha512"), "mgf1sha512") => Ok(&OAEP_SHA512_MGF1SHA512),
        _ => Err(OTHER),
    }
}

/// The content's key; none when it is not encrypted for this private key.
fn unwrap(private_key: &[u8], by: &'static OaepAlgorithm, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let key = PrivateDecryptingKey::from_pkcs8(private_key).ok()?;
    let key = OaepPrivateDecryptingKey::new(key).ok()?;
    let mut room = Zeroizing::new([0; MAX_RSA]);
    let clear = key.decrypt(by, wrapped, room.get_mut(..key.min_output_size())?, None).ok()?;
    Some(Zeroizing::new(clear.to_vec()))
}

/// How the content is encrypted.
#[derive(Clone, Copy)]
enum Content {
    Cbc(&'static cipher::Algorithm),
    Gcm(&'static aead::Algorithm),
}

impl Content {
    fn of_uri(uri: &str) -> Option<Self> {
        match (uri.strip_prefix(ENCRYPTION), uri.strip_prefix(ENCRYPTION_11)) {
            (Some("aes128-cbc"), _) => Some(Self::Cbc(&AES_128)),
            (Some("aes192-cbc"), _) => Some(Self::Cbc(&AES_192)),
            (Some("aes256-cbc"), _) => Some(Self::Cbc(&AES_256)),
            (_, Some("aes128-gcm")) => Some(Self::Gcm(&AES_128_GCM)),
            (_, Some("aes192-gcm")) => Some(Self::Gcm(&AES_192_GCM)),
            (_, Some("aes256-gcm")) => Some(Self::Gcm(&AES_256_GCM)),
            _ => None,
        }
    }

    /// What stands behind the initialization vector, decrypted.
    fn decrypt(self, key: &[u8], mut content: Vec<u8>) -> Option<Vec<u8>> {
        match self {
            Self::Gcm(algorithm) => {
                let (nonce, sealed) = content.split_at_mut_checked(NONCE)?;
                let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
                let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
                Some(key.open_in_place(nonce, Aad::empty(), sealed).ok()?.to_vec())
            }
            Self::Cbc(algorithm) => {
                let (vector, sealed) = content.split_at_mut_checked(BLOCK)?;
                let vector = <[u8; BLOCK]>::try_from(&*vector).ok()?;
                let key = DecryptingKey::cbc(UnboundCipherKey::new(algorithm, key).ok()?).ok()?;
                let clear = key.decrypt(sealed, DecryptionContext::Iv128(FixedLength::from(vector))).ok()?;
                // The last byte is the padding's length; what the others are does not count.
                let padding = usize::from(*clear.last()?);
                let length = clear.len().checked_sub(padding).filter(|_| (1..=BLOCK).contains(&padding))?;
                Some(clear.get(..length)?.to_vec())
            }
        }
    }
}

#[cfg(test)]
#[path = "encryption_tests.rs"]
mod tests;
