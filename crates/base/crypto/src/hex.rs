//! Hexadecimal digits to bytes and back.

/// The bytes that `text` writes as pairs of lowercase or uppercase digits; `None` when it is anything else.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?)).collect()
}

/// Writes bytes as pairs of lowercase digits. Not for secrets: it looks the digits up by their values.
pub(crate) fn write(f: &mut std::fmt::Formatter<'_>, bytes: &[u8; 32]) -> std::fmt::Result {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or_default();
    let mut text = [[0; 2]; 32];
    for (pair, byte) in text.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    f.write_str(std::str::from_utf8(text.as_flattened()).unwrap_or_default())
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
