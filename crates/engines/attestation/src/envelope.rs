//! The envelope for an attested key: CMS EnvelopedData (RFC 5652) with one recipient, RSAES-OAEP with SHA-256 (RFC 3560,
//! RFC 4055) around a fresh AES-256-CBC key (RFC 3565).
//!
//! AWS sends BER, not DER: the outer structures have indefinite length, and the reader in the Nitro Enclaves SDK for C
//! takes no other form. So this is written the same way.

use std::fmt;

use aws_lc_rs::cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::digest;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use garrison_crypto::Rng;
use x509_cert::der::Decode;
use x509_cert::der::asn1::{Null, ObjectIdentifier};
use x509_cert::spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

use crate::AttestationError;

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// `id-envelopedData` (1.2.840.113549.1.7.3), whole.
const ENVELOPED_DATA: &[u8] = &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x03];
/// `id-data` (1.2.840.113549.1.7.1), whole.
const DATA: &[u8] = &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01];
/// `id-aes256-CBC` (2.16.840.1.101.3.4.1.42), whole.
const AES256_CBC: &[u8] = &[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2A];
/// `id-RSAES-OAEP` (1.2.840.113549.1.1.7), whole.
const RSAES_OAEP: &[u8] = &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x07];
/// `id-mgf1` (1.2.840.113549.1.1.8), whole.
const MGF1: &[u8] = &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08];
/// `id-sha256` (2.16.840.1.101.3.4.2.1) with its null parameter.
const SHA256: &[u8] =
    &[0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00];
/// The version of EnvelopedData and of its recipient when the latter is named by a key identifier.
const VERSION_2: &[u8] = &[INTEGER, 1, 2];

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const CONTEXT_0: u8 = 0xA0;
const CONTEXT_1: u8 = 0xA1;
const CONTEXT_0_PRIMITIVE: u8 = 0x80;
const INDEFINITE: u8 = 0x80;
const END_OF_CONTENTS: &[u8] = &[0, 0];

const BLOCK: usize = 16;

/// AWS-LC refused to encrypt, which valid input cannot make it do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sealing for the attested key failed")]
pub struct SealError;

/// The public key of an attestation document.
pub struct RecipientKey {
    key: OaepPublicEncryptingKey,
    /// The first 160 bits of the key's SHA-256 (RFC 7093, method 1).
    identifier: [u8; 20],
}

impl fmt::Debug for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecipientKey").finish_non_exhaustive()
    }
}

impl RecipientKey {
    /// Reads an RSA key of 2048 to 4096 bits from its SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// [`AttestationError::PublicKey`].
    pub fn from_spki(der: &[u8]) -> Result<Self, AttestationError> {
        let spki = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| AttestationError::PublicKey)?;
        let bits = spki.subject_public_key.as_bytes().ok_or(AttestationError::PublicKey)?;
        let null = spki.algorithm.parameters.is_some_and(|any| any.decode_as::<Null>().is_ok());
        let key = PublicEncryptingKey::from_der(der).map_err(|_| AttestationError::PublicKey)?;
        if spki.algorithm.oid != RSA_ENCRYPTION || !null || !(2048..=4096).contains(&key.key_size_bits()) {
            return Err(AttestationError::PublicKey);
        }
        let key = OaepPublicEncryptingKey::new(key).map_err(|_| AttestationError::PublicKey)?;
        let mut identifier = [0; 20];
        identifier
            .iter_mut()
            .zip(digest::digest(&digest::SHA256, bits).as_ref())
            .for_each(|(to, from)| *to = *from);
        Ok(Self { key, identifier })
    }

    /// Encrypts `plaintext` so that only the key's holder reads it: a CMS ContentInfo in BER.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn seal(&self, plaintext: &[u8], rng: &dyn Rng) -> Result<Vec<u8>, SealError> {
        let mut key = Zeroizing::new([0; 32]);
        let mut iv = [0; BLOCK];
        rng.fill(&mut *key);
        rng.fill(&mut iv);
        let encrypted_key = self.wrap(&*key).map_err(|_| SealError)?;
        let content = encrypt(&*key, iv, plaintext).map_err(|_| SealError)?;
        Ok(self.content_info(&encrypted_key, &iv, &content))
    }

    fn wrap(&self, key: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let mut out = vec![0; self.key.ciphertext_size()];
        let len = self.key.encrypt(&OAEP_SHA256_MGF1SHA256, key, &mut out, None)?.len();
        out.truncate(len);
        Ok(out)
    }

    fn content_info(&self, encrypted_key: &[u8], iv: &[u8], content: &[u8]) -> Vec<u8> {
        let mask = element(CONTEXT_1, &[&element(SEQUENCE, &[MGF1, SHA256])]);
        let oaep = element(SEQUENCE, &[&element(CONTEXT_0, &[SHA256]), &mask]);
        let recipient = [
            VERSION_2,
            &element(CONTEXT_0_PRIMITIVE, &[&self.identifier]),
            &element(SEQUENCE, &[RSAES_OAEP, &oaep]),
            &element(OCTET_STRING, &[encrypted_key]),
        ];
        let recipients = element(SET, &[&element(SEQUENCE, &recipient)]);
        let algorithm = element(SEQUENCE, &[AES256_CBC, &element(OCTET_STRING, &[iv])]);
        let content = indefinite(CONTEXT_0, &[&element(OCTET_STRING, &[content])]);
        let content = indefinite(SEQUENCE, &[DATA, &algorithm, &content]);
        let enveloped = indefinite(SEQUENCE, &[VERSION_2, &recipients, &content]);
        indefinite(SEQUENCE, &[ENVELOPED_DATA, &indefinite(CONTEXT_0, &[&enveloped])])
    }
}

/// AES-256-CBC with PKCS #7 padding.
fn encrypt(key: &[u8], iv: [u8; BLOCK], plaintext: &[u8]) -> Result<Vec<u8>, Unspecified> {
    // Room for the padding, so that no unencrypted copy is left behind by growing.
    let mut buffer = Zeroizing::new(Vec::with_capacity(plaintext.len() + BLOCK));
    buffer.extend_from_slice(plaintext);
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, key)?)?;
    key.less_safe_encrypt(&mut *buffer, EncryptionContext::Iv128(FixedLength::from(iv)))?;
    Ok(std::mem::take(&mut *buffer))
}

/// An element of known length.
fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let len: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(len + 10);
    out.push(tag);
    if len < 0x80 {
        out.push(len as u8);
    } else {
        let octets = len.to_be_bytes();
        let zeros = octets.iter().take_while(|octet| **octet == 0).count();
        out.push(0x80 | (octets.len() - zeros) as u8);
        out.extend(octets.iter().skip(zeros));
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

/// An element whose end is marked.
fn indefinite(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut out = vec![tag, INDEFINITE];
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out.extend(END_OF_CONTENTS);
    out
}
