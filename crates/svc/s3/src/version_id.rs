//! Ids of versions: 32 characters that only their maker can read.
//!
//! An id is its version's sequence number, which finds the record, and 16 random bytes.

use base64_simd::URL_SAFE_NO_PAD;
use garrison_crypto::Rng;
use garrison_schema::ApiError;

use crate::error;

/// A new id for the version of a sequence number.
pub(crate) fn new(sequence: u64, rng: &dyn Rng) -> String {
    let mut bytes = [0; 24];
    let (head, tail) = bytes.split_at_mut(8);
    head.copy_from_slice(&sequence.to_be_bytes());
    rng.fill(tail);
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// The sequence number in an id.
///
/// # Errors
/// `InvalidArgument` for what was not made by [`new`].
pub(crate) fn sequence(id: &str) -> Result<u64, ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode_to_vec(id).ok().filter(|bytes| bytes.len() == 24);
    let head = bytes.and_then(|bytes| bytes.first_chunk().copied());
    head.map(u64::from_be_bytes).ok_or_else(|| error::invalid_argument("Invalid version id specified"))
}

#[cfg(test)]
mod tests {
    use garrison_crypto::testing::SeededRng;

    use super::*;

    #[test]
    fn an_id_tells_its_sequence_number() {
        let rng = SeededRng::new(1);
        let id = new(7, &rng);
        assert_eq!((id.len(), sequence(&id).unwrap()), (32, 7));
        assert_ne!(id, new(7, &rng));
        for wrong in ["", "x", "null", &"!".repeat(32), &"A".repeat(36)] {
            assert_eq!(sequence(wrong).unwrap_err().schema.name, "InvalidArgument", "{wrong}");
        }
    }
}
