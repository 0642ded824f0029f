//! Percent-encoding: RFC 3986 section 2.1.

use std::borrow::Cow;

/// The text that is encoded; with `plus_is_space` a `+` is a space, as in forms and query strings. `None` when an
/// escape is malformed or the text is not UTF-8.
pub(crate) fn decode(encoded: &[u8], plus_is_space: bool) -> Option<Cow<'_, str>> {
    if memchr::memchr2(b'%', b'+', encoded).is_none() {
        return std::str::from_utf8(encoded).ok().map(Cow::Borrowed);
    }
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' if plus_is_space => b' ',
            b'%' => {
                let mut digit = || rest.next().and_then(|byte| char::from(*byte).to_digit(16));
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high * 16 + low).ok()?
            }
            plain => *plain,
        });
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        for (encoded, plus, expected) in [
            ("a+b%20c", true, Some("a b c")),
            ("a+b%2Bc", false, Some("a+b+c")),
            ("%E2%82%ac", false, Some("\u{20ac}")),
            ("%", false, None),
            ("%4", false, None),
            ("%+1", false, None),
            ("%ff", false, None),
        ] {
            assert_eq!(decode(encoded.as_bytes(), plus).as_deref(), expected, "{encoded}");
        }
    }
}
