//! The canonical form of an encryption context, which AES-GCM authenticates.
//!
//! `count (u32) ‖ for each pair, by key: key length (u32) ‖ key ‖ value length (u32) ‖ value`, integers big-endian, keys
//! sorted by their UTF-8 bytes. Every field is length-prefixed, so two different contexts never have the same form.
//! AWS: an encryption context is a set of pairs, order does not matter, and both sides are case-sensitive.

/// The canonical form of a set of key and value pairs.
///
/// Keys should be distinct, as in the JSON object they come from; should one repeat, its pairs are ordered by value, so that
/// the form still does not depend on the order given.
pub fn canonical_context<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_unstable();
    let size: usize = pairs.iter().map(|(key, value)| 8 + key.len() + value.len()).sum();
    let mut out = Vec::with_capacity(4 + size);
    push_len(&mut out, pairs.len());
    for (key, value) in pairs {
        push_field(&mut out, key.as_bytes());
        push_field(&mut out, value.as_bytes());
    }
    out
}

/// Appends the length of `field` (u32, big-endian) and `field`.
pub(crate) fn push_field(out: &mut Vec<u8>, field: &[u8]) {
    push_len(out, field.len());
    out.extend_from_slice(field);
}

fn push_len(out: &mut Vec<u8>, len: usize) {
    // A field of 4 GiB cannot come in through any API; saturating keeps this total, and no such field would fit after it.
    out.extend_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::canonical_context;

    #[test]
    fn order_does_not_matter_and_boundaries_do() {
        let a = canonical_context([("b", "2"), ("a", "1")]);
        assert_eq!(a, canonical_context([("a", "1"), ("b", "2")]));
        assert_eq!(a, b"\0\0\0\x02\0\0\0\x01a\0\0\0\x011\0\0\0\x01b\0\0\0\x012");
        assert_eq!(canonical_context([]), [0; 4]);
        assert_ne!(canonical_context([("a", "bc")]), canonical_context([("ab", "c")]));
        assert_ne!(canonical_context([("a", "")]), canonical_context([("", "a")]));
        assert_ne!(canonical_context([("A", "x")]), canonical_context([("a", "x")]));
    }
}
