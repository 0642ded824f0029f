//! Entity tags.

use std::fmt::Write as _;

use md5::{Digest as _, Md5};

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An entity tag as S3 shows it.
pub(crate) fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

/// The entity tag of an object that was uploaded in parts: the MD5 of theirs, and how many there are.
pub(crate) fn of_parts<'a>(etags: impl Iterator<Item = &'a str>) -> String {
    let (mut md5, mut count) = (Md5::new(), 0);
    for etag in etags {
        md5.update(bytes(etag));
        count += 1;
    }
    format!("{}-{count}", hex(&md5.finalize()))
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit =
        |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0);
    let (pairs, _) = hex.as_bytes().as_chunks::<2>();
    pairs.iter().map(|[high, low]| digit(*high) << 4 | digit(*low)).collect()
}

/// Whether one of a header's entity tags, or `*`, is this one.
pub(crate) fn matches(header: &str, etag: &str) -> bool {
    header.split(',').map(str::trim).any(|wanted| {
        let wanted = wanted.strip_prefix("W/").unwrap_or(wanted);
        wanted == "*" || wanted.trim_matches('"') == etag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_parts_and_of_headers() {
        // MD5 of the 16 bytes of MD5("") twice.
        let empty = "d41d8cd98f00b204e9800998ecf8427e";
        assert_eq!(of_parts([empty].into_iter()), "59adb24ef3cdbe0297f05b395827453f-1");
        assert_eq!(bytes("00ff10"), [0, 255, 16]);
        for (header, same) in
            [("\"a\"", true), ("a", true), ("*", true), ("W/\"a\"", true), ("b, \"a\"", true), ("b", false)]
        {
            assert_eq!(matches(header, "a"), same, "{header}");
        }
    }
}
