//! Long byte strings as segments that are sealed one by one, so that a part of them opens without the rest.
//!
//! A blob is its bytes in segments of 64 KiB, the last one shorter as a rule and empty for an empty blob; each is `ciphertext ‖
//! 16-byte tag` of AES-256-GCM. The key is derived for this blob alone ([`crate::kdf`], context = the blob's name), so that a
//! segment's number can be the nonce; whether it is the last is authenticated with it. A segment therefore does not open at
//! another place, in another blob, or where segments behind it were cut off.
//!
//! Source: the construction is STREAM of Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its
//! Nonce-Reuse Misuse-Resistance", CRYPTO 2015.

use std::ops::Range;

use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::kdf::DerivationKey;
use crate::{CryptoError, LockedSecret};

/// Plaintext bytes of every segment but the last.
pub const SEGMENT_LEN: usize = 64 * 1024;
/// How much longer a sealed segment is.
pub const TAG_LEN: usize = 16;

const SEALED_LEN: u64 = (SEGMENT_LEN + TAG_LEN) as u64;
const LABEL: &[u8] = b"garrison blob segments v1";

/// How many segments a blob of this many plaintext bytes has: at least one.
pub const fn count(plaintext: u64) -> u64 {
    match plaintext.div_ceil(SEGMENT_LEN as u64) {
        0 => 1,
        count => count,
    }
}

/// How long a blob of this many plaintext bytes is when it is sealed.
pub const fn sealed_len(plaintext: u64) -> u64 {
    plaintext + count(plaintext) * TAG_LEN as u64
}

/// The segments that hold a range of the plaintext; for an empty range the one where it would begin.
pub fn covering(range: &Range<u64>) -> Range<u64> {
    let size = SEGMENT_LEN as u64;
    let first = range.start / size;
    first..range.end.div_ceil(size).max(first + 1)
}

/// Where these segments lie in the sealed blob, of which the plaintext has this many bytes.
pub fn sealed_range(segments: &Range<u64>, plaintext: u64) -> Range<u64> {
    let end = sealed_len(plaintext);
    (segments.start * SEALED_LEN).min(end)..(segments.end * SEALED_LEN).min(end)
}

/// The key of one blob.
pub struct SegmentKey(LessSafeKey);

impl SegmentKey {
    /// Derives it from a data key of 32 bytes and the blob's name.
    ///
    /// # Errors
    /// [`CryptoError::InvalidKeyMaterial`] for a key of another length.
    pub fn derive(data_key: &LockedSecret, blob: &[u8; 16]) -> Result<Self, CryptoError> {
        if data_key.len() != 32 {
            return Err(CryptoError::InvalidKeyMaterial);
        }
        let key = DerivationKey::new(data_key).derive(LABEL, blob);
        Ok(Self(LessSafeKey::new(UnboundKey::new(&aead::AES_256_GCM, key.as_slice())?)))
    }

    /// Seals the plaintext in `segment`, in place: it grows by [`TAG_LEN`]. A number is used once.
    ///
    /// # Errors
    /// [`CryptoError::InvalidLength`] when it is longer than a segment, or shorter without being the last.
    pub fn seal(&self, number: u64, last: bool, segment: &mut Vec<u8>) -> Result<(), CryptoError> {
        if segment.len() > SEGMENT_LEN || (segment.len() < SEGMENT_LEN && !last) {
            return Err(CryptoError::InvalidLength);
        }
        self.0.seal_in_place_append_tag(nonce(number), place(last), segment)?;
        Ok(())
    }

    /// Opens a sealed segment in place, and gives its plaintext.
    ///
    /// # Errors
    /// [`CryptoError::InvalidSealedRecord`] when it is not the segment of this number of this blob.
    pub fn open<'a>(
        &self,
        number: u64,
        last: bool,
        sealed: &'a mut [u8],
    ) -> Result<&'a mut [u8], CryptoError> {
        let opened = self.0.open_in_place(nonce(number), place(last), sealed);
        opened.map_err(|_| CryptoError::InvalidSealedRecord)
    }
}

impl std::fmt::Debug for SegmentKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SegmentKey")
    }
}

fn nonce(number: u64) -> Nonce {
    let mut bytes = [0; aead::NONCE_LEN];
    let digits = number.to_be_bytes();
    bytes.iter_mut().rev().zip(digits.iter().rev()).for_each(|(to, from)| *to = *from);
    Nonce::assume_unique_for_key(bytes)
}

fn place(last: bool) -> Aad<[u8; 1]> {
    Aad::from([u8::from(last)])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: u64 = SEGMENT_LEN as u64;

    fn key(blob: u8) -> SegmentKey {
        SegmentKey::derive(&LockedSecret::copy_of(&[7; 32]).unwrap(), &[blob; 16]).unwrap()
    }

    /// A blob as it lies in a store.
    fn sealed(key: &SegmentKey, plaintext: &[u8]) -> Vec<u8> {
        let total = count(plaintext.len() as u64);
        (0..total)
            .flat_map(|number| {
                let from = (number * SIZE) as usize;
                let mut segment = plaintext[from..plaintext.len().min(from + SEGMENT_LEN)].to_vec();
                key.seal(number, number + 1 == total, &mut segment).unwrap();
                segment
            })
            .collect()
    }

    /// A range of the plaintext, from the segments that cover it alone.
    fn read(key: &SegmentKey, blob: &[u8], length: u64, range: Range<u64>) -> Result<Vec<u8>, CryptoError> {
        let (segments, total) = (covering(&range), count(length));
        let lies = sealed_range(&segments, length);
        let mut bytes = blob[lies.start as usize..lies.end as usize].to_vec();
        let mut plaintext = Vec::new();
        for (number, segment) in segments.clone().zip(bytes.chunks_mut(SEALED_LEN as usize)) {
            plaintext.extend_from_slice(key.open(number, number + 1 == total, segment)?);
        }
        let skip = (range.start - segments.start * SIZE) as usize;
        Ok(plaintext[skip..skip + (range.end - range.start) as usize].to_vec())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn every_range_opens_alone(
            length in prop_oneof![0..3_u64, SIZE - 1..SIZE + 2, 2 * SIZE - 1..2 * SIZE + 2, 0..4 * SIZE],
            from in any::<prop::sample::Index>(),
            to in any::<prop::sample::Index>(),
        ) {
            let plaintext: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            let key = key(1);
            let blob = sealed(&key, &plaintext);
            prop_assert_eq!(blob.len() as u64, sealed_len(length));
            let (a, b) = (from.index(plaintext.len() + 1) as u64, to.index(plaintext.len() + 1) as u64);
            let range = a.min(b)..a.max(b);
            // A range that begins at the end of full segments has no segment of its own.
            if range.start < length || length == 0 {
                let read = read(&key, &blob, length, range.clone()).unwrap();
                prop_assert_eq!(read, &plaintext[range.start as usize..range.end as usize]);
            }
        }
    }

    #[test]
    fn segments_keep_their_places() {
        let key_1 = key(1);
        let plaintext = vec![9; 3 * SEGMENT_LEN];
        let blob = sealed(&key_1, &plaintext);
        let segment = |number: usize| blob[number * SEALED_LEN as usize..][..SEALED_LEN as usize].to_vec();
        assert!(key_1.open(1, false, &mut segment(1)).is_ok());
        for (number, last, from, of) in
            [(0, false, 1, &key_1), (2, false, 2, &key_1), (1, true, 1, &key_1), (1, false, 1, &key(2))]
        {
            assert_eq!(
                of.open(number, last, &mut segment(from)).err(),
                Some(CryptoError::InvalidSealedRecord)
            );
        }
        let mut changed = segment(1);
        changed[5] ^= 1;
        assert!(key_1.open(1, false, &mut changed).is_err());
        assert!(key_1.open(1, false, &mut [0; 3]).is_err());
    }

    #[test]
    fn lengths_are_checked() {
        let key = key(1);
        assert_eq!(key.seal(0, false, &mut vec![0; 5]), Err(CryptoError::InvalidLength));
        assert_eq!(key.seal(0, true, &mut vec![0; SEGMENT_LEN + 1]), Err(CryptoError::InvalidLength));
        let short = LockedSecret::copy_of(&[7; 16]).unwrap();
        assert_eq!(SegmentKey::derive(&short, &[0; 16]).err(), Some(CryptoError::InvalidKeyMaterial));
    }
}
