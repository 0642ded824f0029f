//! `NextToken`: where the next page starts, tied to the query whose pages it turns.
//!
//! The token is base64 of a checksum and the log's own position. The checksum covers the position and the query, so
//! that a token of another query is refused. It guards against mistakes only: a forged token reaches no other
//! account's records, since every page is looked up with the caller's account anew.

use base64_simd::URL_SAFE_NO_PAD;
use bytes::Bytes;

/// Tokens are short; longer ones are not ours.
const MAX_LENGTH: usize = 256;

/// The token for `position` in the pages of `query` (any text that tells one query from another).
pub(crate) fn make(query: &str, position: &[u8]) -> String {
    let mut bytes = checksum(query, position).to_vec();
    bytes.extend_from_slice(position);
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// The position in a token of the same query.
pub(crate) fn read(query: &str, token: &str) -> Option<Bytes> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode_to_vec(token).ok()?;
    let (sum, position) = bytes.split_first_chunk::<4>()?;
    (*sum == checksum(query, position)).then(|| Bytes::copy_from_slice(position))
}

fn checksum(query: &str, position: &[u8]) -> [u8; 4] {
    let mut sum = crc32fast::Hasher::new();
    sum.update(query.as_bytes());
    sum.update(&[0]);
    sum.update(position);
    sum.finalize().to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_belongs_to_its_query() {
        let token = make("q", b"position");
        assert_eq!(read("q", &token).as_deref(), Some(b"position".as_slice()));
        for (query, token) in
            [("r", token.as_str()), ("q", ""), ("q", "AAAA"), ("q", "%%"), ("q", &"A".repeat(300))]
        {
            assert_eq!(read(query, token), None, "{query} {token}");
        }
    }
}
