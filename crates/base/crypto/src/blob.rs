//! The ciphertext blob of symmetric KMS keys, in the layout of AWS's own.
//!
//! ```text
//! 01                     version
//! 02                     kind: made by a symmetric KMS key
//! 02                     generation (public samples have 01, 02 and 03; Garrison writes 02, hence base64 "AQICAH…")
//! 00 78                  constant
//! 32 bytes               key material id
//! 01                     a derivation nonce follows
//! 16 bytes               derivation nonce N
//! u32, big-endian        length of the rest
//! CMS ContentInfo        EncryptedData, version 0, id-data, aes256-GCM { 12-byte IV, 16-byte tag }, [0] ciphertext ‖ tag
//! ```
//!
//! The CMS part (RFC 5652, RFC 5084) is DER, so the whole blob has one valid form for given fields; everything else is
//! refused. The record key is `KDF(material, N)` ([`crate::kdf`]), fresh for each blob, so the limit of 2³² random IVs per
//! AES-GCM key is never approached. Authenticated beside the plaintext: the 54 bytes before the length, then the canonical
//! encryption context ([`crate::context`]). A flipped bit anywhere makes the blob undecryptable.
//!
//! In AWS's blobs the ciphertext is 11 bytes longer than the plaintext (a 32-byte data key gives 184 bytes in all); what is
//! in them is not published. Garrison puts an 11-byte frame before the plaintext, a format byte and ten zeros that
//! decryption checks, so that sizes agree, and a blob commits to its key, which AES-GCM alone does not ensure.

use crate::kdf::DerivationKey;
use crate::material_id::MaterialId;
use crate::{CryptoError, LockedSecret, Rng, der};
use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::{Zeroize as _, Zeroizing};

/// The longest plaintext that is encrypted: 1 MiB. The API model's limit is 4,096 bytes; an operator may raise it up to this.
pub const MAX_PLAINTEXT_LEN: usize = 1 << 20;
/// The longest blob, which is that of the longest plaintext, and so the longest that is parsed.
pub const MAX_BLOB_LEN: usize = MAX_PLAINTEXT_LEN + 167;

const NONCE_LEN: usize = 16;
const IV_LEN: usize = aead::NONCE_LEN;
const TAG_LEN: usize = 16;
/// Version, kind, generation and the constant.
const PREFIX: [u8; 5] = [0x01, 0x02, 0x02, 0x00, 0x78];
const NONCE_FOLLOWS: u8 = 0x01;
/// Everything before the length of the CMS part: the authenticated header.
const HEADER_LEN: usize = PREFIX.len() + 32 + 1 + NONCE_LEN;

const OID_ENCRYPTED_DATA: [u8; 11] = [0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 6];
const OID_DATA: [u8; 11] = [0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1];
const VERSION_0: [u8; 3] = [der::INTEGER, 1, 0];
/// The algorithm identifier up to the IV: its sequence, `id-aes256-GCM`, the parameters' sequence, the IV's header.
const ALGORITHM: [u8; 17] =
    [0x30, 0x1E, 0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 3, 4, 1, 0x2E, 0x30, 0x11, 0x04, 0x0C];
const TAG_LEN_16: [u8; 3] = [der::INTEGER, 1, 16];
const ALGORITHM_LEN: usize = ALGORITHM.len() + IV_LEN + TAG_LEN_16.len();

/// What precedes the plaintext inside the encryption: format 1, then ten zeros.
const FRAME: [u8; 11] = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const KDF_LABEL: &[u8] = b"garrison kms v1";

/// Why bytes are not a ciphertext blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// Longer than [`MAX_BLOB_LEN`].
    #[error("longer than any ciphertext blob")]
    TooLong,
    /// The header is cut short, or is not that of a blob this service makes.
    #[error("not a ciphertext blob's header")]
    Header,
    /// The CMS part is not exactly the one DER encoding that its fields have.
    #[error("not a ciphertext blob's CMS structure")]
    Structure,
}

/// A parsed ciphertext blob, borrowing from its bytes. Parsing checks the form only; nothing is decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blob<'a> {
    header: &'a [u8; HEADER_LEN],
    material_id: MaterialId,
    nonce: &'a [u8; NONCE_LEN],
    iv: &'a [u8; IV_LEN],
    ciphertext: &'a [u8],
    tag: &'a [u8; TAG_LEN],
}

impl<'a> Blob<'a> {
    /// Parses exactly one blob; nothing may follow it.
    ///
    /// # Errors
    /// [`BlobError`], for every input that [`SymmetricKey::encrypt`] cannot have made.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, BlobError> {
        if bytes.len() > MAX_BLOB_LEN {
            return Err(BlobError::TooLong);
        }
        let (header, material_id, nonce, cms) = split_header(bytes).ok_or(BlobError::Header)?;
        let (iv, encrypted) = read_cms(cms).ok_or(BlobError::Structure)?;
        let (ciphertext, tag) = encrypted.split_last_chunk().ok_or(BlobError::Structure)?;
        if ciphertext.len() < FRAME.len() {
            return Err(BlobError::Structure);
        }
        Ok(Self { header, material_id, nonce, iv, ciphertext, tag })
    }

    /// The material that encrypted this blob: how its KMS key is found.
    pub fn material_id(&self) -> MaterialId {
        self.material_id
    }

    /// The length of the plaintext in bytes.
    pub fn plaintext_len(&self) -> usize {
        self.ciphertext.len().saturating_sub(FRAME.len())
    }
}

type HeaderParts<'a> = (&'a [u8; HEADER_LEN], MaterialId, &'a [u8; NONCE_LEN], &'a [u8]);

fn split_header(bytes: &[u8]) -> Option<HeaderParts<'_>> {
    let (header, rest) = bytes.split_first_chunk::<HEADER_LEN>()?;
    let (material_id, nonce) = header.strip_prefix(&PREFIX)?.split_first_chunk::<32>()?;
    let nonce = nonce.strip_prefix(&[NONCE_FOLLOWS])?.try_into().ok()?;
    let (len, cms) = rest.split_first_chunk::<4>()?;
    let len = usize::try_from(u32::from_be_bytes(*len)).ok()?;
    (len == cms.len()).then_some((header, MaterialId::from_bytes(*material_id), nonce, cms))
}

/// The IV and ciphertext ‖ tag of the CMS part.
fn read_cms(cms: &[u8]) -> Option<(&[u8; IV_LEN], &[u8])> {
    let mut outer = der::Reader::new(cms);
    let mut content_info = der::Reader::new(outer.element(der::SEQUENCE)?);
    outer.end()?;
    content_info.expect(&OID_ENCRYPTED_DATA)?;
    let mut explicit = der::Reader::new(content_info.element(der::CONTEXT_0)?);
    content_info.end()?;
    let mut encrypted_data = der::Reader::new(explicit.element(der::SEQUENCE)?);
    explicit.end()?;
    encrypted_data.expect(&VERSION_0)?;
    let content = encrypted_data.element(der::SEQUENCE)?;
    encrypted_data.end()?;
    let content = content.strip_prefix(&OID_DATA)?.strip_prefix(&ALGORITHM)?;
    let (iv, content) = content.split_first_chunk::<IV_LEN>()?;
    let mut content = der::Reader::new(content);
    content.expect(&TAG_LEN_16)?;
    let encrypted = content.element(der::CONTEXT_0_PRIMITIVE)?;
    content.end()?;
    Some((iv, encrypted))
}

/// The sizes of the nested elements around `encrypted` bytes of ciphertext and tag, inside out.
struct CmsLengths {
    encrypted: usize,
    content: usize,
    encrypted_data: usize,
    explicit: usize,
    content_info: usize,
}

impl CmsLengths {
    fn new(encrypted: usize) -> Self {
        let content = OID_DATA.len() + ALGORITHM_LEN + der::element_len(encrypted);
        let encrypted_data = VERSION_0.len() + der::element_len(content);
        let explicit = der::element_len(encrypted_data);
        let content_info = OID_ENCRYPTED_DATA.len() + der::element_len(explicit);
        Self { encrypted, content, encrypted_data, explicit, content_info }
    }

    /// Appends the CMS part up to where the ciphertext begins.
    fn push(&self, out: &mut Vec<u8>, iv: &[u8; IV_LEN]) {
        der::push_header(out, der::SEQUENCE, self.content_info);
        out.extend_from_slice(&OID_ENCRYPTED_DATA);
        der::push_header(out, der::CONTEXT_0, self.explicit);
        der::push_header(out, der::SEQUENCE, self.encrypted_data);
        out.extend_from_slice(&VERSION_0);
        der::push_header(out, der::SEQUENCE, self.content);
        out.extend_from_slice(&OID_DATA);
        out.extend_from_slice(&ALGORITHM);
        out.extend_from_slice(iv);
        out.extend_from_slice(&TAG_LEN_16);
        der::push_header(out, der::CONTEXT_0_PRIMITIVE, self.encrypted);
    }
}

/// A loaded symmetric key material (key specification `SYMMETRIC_DEFAULT`), ready to encrypt and decrypt.
#[derive(Debug)]
pub struct SymmetricKey {
    material_id: MaterialId,
    derivation: DerivationKey,
}

impl SymmetricKey {
    /// Loads the 32 bytes of `material`, known to the outside as `material_id`.
    ///
    /// # Errors
    /// [`CryptoError::InvalidKeyMaterial`] when the material has not 32 bytes.
    pub fn new(material_id: MaterialId, material: &LockedSecret) -> Result<Self, CryptoError> {
        if material.len() != 32 {
            return Err(CryptoError::InvalidKeyMaterial);
        }
        Ok(Self { material_id, derivation: DerivationKey::new(material) })
    }

    /// The identifier of the material.
    pub fn material_id(&self) -> MaterialId {
        self.material_id
    }

    /// Encrypts up to [`MAX_PLAINTEXT_LEN`] bytes under a fresh record key. `context` is what [`crate::context::canonical_context`]
    /// made of the encryption context.
    ///
    /// # Errors
    /// [`CryptoError::InvalidLength`] when the plaintext is too long.
    pub fn encrypt(&self, rng: &dyn Rng, plaintext: &[u8], context: &[u8]) -> Result<Vec<u8>, CryptoError> {
        if plaintext.len() > MAX_PLAINTEXT_LEN {
            return Err(CryptoError::InvalidLength);
        }
        let mut random = [0; NONCE_LEN + IV_LEN];
        rng.fill(&mut random);
        let (nonce, iv) = random.split_first_chunk::<NONCE_LEN>().ok_or(CryptoError::Internal)?;
        let iv = iv.first_chunk::<IV_LEN>().ok_or(CryptoError::Internal)?;

        let lengths = CmsLengths::new(FRAME.len() + plaintext.len() + TAG_LEN);
        let cms_len = der::element_len(lengths.content_info);
        // Exactly as long as the blob will be: it must not move while the plaintext is in it.
        let mut blob = Vec::with_capacity(HEADER_LEN + 4 + cms_len);
        blob.extend_from_slice(&PREFIX);
        blob.extend_from_slice(self.material_id.as_bytes());
        blob.push(NONCE_FOLLOWS);
        blob.extend_from_slice(nonce);
        let aad = associated_data(&blob, context);
        blob.extend_from_slice(
            &u32::try_from(cms_len).map_err(|_| CryptoError::InvalidLength)?.to_be_bytes(),
        );
        lengths.push(&mut blob, iv);

        let start = blob.len();
        blob.extend_from_slice(&FRAME);
        blob.extend_from_slice(plaintext);
        let key = self.record_key(nonce)?;
        let secret = blob.get_mut(start..).unwrap_or_default();
        match key.seal_in_place_separate_tag(Nonce::assume_unique_for_key(*iv), Aad::from(aad), secret) {
            Ok(tag) => blob.extend_from_slice(tag.as_ref()),
            Err(_) => {
                blob.zeroize();
                return Err(CryptoError::Internal);
            }
        }
        Ok(blob)
    }

    /// Decrypts a blob that this material encrypted under the same `context`.
    ///
    /// # Errors
    /// [`CryptoError::InvalidCiphertext`], whatever does not fit.
    pub fn decrypt(&self, blob: &Blob<'_>, context: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        if blob.material_id != self.material_id {
            return Err(CryptoError::InvalidCiphertext);
        }
        let key = self.record_key(blob.nonce)?;
        let aad = associated_data(blob.header, context);
        let mut plaintext = Zeroizing::new(vec![0; blob.ciphertext.len()]);
        key.open_separate_gather(
            Nonce::assume_unique_for_key(*blob.iv),
            Aad::from(aad),
            blob.ciphertext,
            blob.tag,
            &mut plaintext,
        )
        .map_err(|_| CryptoError::InvalidCiphertext)?;
        if !plaintext.starts_with(&FRAME) {
            return Err(CryptoError::InvalidCiphertext);
        }
        plaintext.drain(..FRAME.len());
        Ok(plaintext)
    }

    fn record_key(&self, nonce: &[u8; NONCE_LEN]) -> Result<LessSafeKey, CryptoError> {
        let key = self.derivation.derive(KDF_LABEL, nonce);
        Ok(LessSafeKey::new(UnboundKey::new(&aead::AES_256_GCM, key.as_slice())?))
    }
}

/// The fixed-length header, then the context: no two pairs of them give the same bytes.
fn associated_data(header: &[u8], context: &[u8]) -> Vec<u8> {
    let mut aad = Vec::with_capacity(header.len() + context.len());
    aad.extend_from_slice(header);
    aad.extend_from_slice(context);
    aad
}

#[cfg(test)]
#[path = "blob_tests.rs"]
mod tests;
