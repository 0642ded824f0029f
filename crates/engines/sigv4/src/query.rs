//! Percent-encoding as AWS canonicalizes it.

use std::borrow::Cow;

/// The component holds a `%` that two hexadecimal digits do not follow.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadEscape;

/// The characters that stay as they are. Source: IAM User Guide, "Create a signed AWS API request", `UriEncode()`.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Appends `%XX`, or the byte itself when it is unreserved.
pub(crate) fn push_encoded(out: &mut Vec<u8>, byte: u8) {
    if is_unreserved(byte) {
        out.push(byte);
    } else {
        let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 };
        out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 0x0f)]);
    }
}

/// The bytes that the percent-encoded `text` stands for; `plus` is what a `+` stands for.
pub(crate) fn decode(text: &[u8], plus: u8) -> impl Iterator<Item = Result<u8, BadEscape>> {
    let mut rest = text.iter();
    std::iter::from_fn(move || {
        let byte = *rest.next()?;
        Some(match byte {
            b'+' => Ok(plus),
            b'%' => match (hex_digit(rest.next()), hex_digit(rest.next())) {
                (Some(high), Some(low)) => Ok(high << 4 | low),
                _ => Err(BadEscape),
            },
            other => Ok(other),
        })
    })
}

fn hex_digit(byte: Option<&u8>) -> Option<u8> {
    byte.and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok())
}

/// The decoded text of a query component; `None` when it is not well-formed UTF-8 or has a bad escape.
pub(crate) fn decode_text(component: &str) -> Option<Cow<'_, str>> {
    if !component.bytes().any(|b| matches!(b, b'%' | b'+')) {
        return Some(Cow::Borrowed(component));
    }
    let bytes = decode(component.as_bytes(), b' ').collect::<Result<Vec<u8>, _>>().ok()?;
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// The name and value of every parameter as they were sent. A parameter without `=` has an empty value; empty
/// parameters (`a&&b`) are none.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// A component decoded and encoded again, so that every spelling of the same bytes is signed as the same text.
fn normalize(component: &str) -> Result<Cow<'_, str>, BadEscape> {
    if component.bytes().all(is_unreserved) {
        return Ok(Cow::Borrowed(component));
    }
    let mut out = Vec::with_capacity(component.len() + 16);
    for byte in decode(component.as_bytes(), b' ') {
        push_encoded(&mut out, byte?);
    }
    // Encoded text is ASCII, so nothing is replaced.
    Ok(Cow::Owned(String::from_utf8_lossy(&out).into_owned()))
}

/// Appends the canonical query: normalized, sorted by name and then value, without `X-Amz-Signature` when the
/// request is presigned.
pub(crate) fn write_canonical(out: &mut Vec<u8>, query: &str, presigned: bool) -> Result<(), BadEscape> {
    if query.is_empty() {
        return Ok(());
    }
    let mut sorted = Vec::new();
    for (name, value) in pairs(query) {
        let name = normalize(name)?;
        if !(presigned && name == "X-Amz-Signature") {
            sorted.push((name, normalize(value)?));
        }
    }
    sorted.sort_unstable();
    for (index, (name, value)) in sorted.iter().enumerate() {
        if index > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        out.extend_from_slice(value.as_bytes());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(query: &str) -> Result<String, BadEscape> {
        let mut out = Vec::new();
        write_canonical(&mut out, query, true)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_query_is_normalized_and_sorted() {
        for (query, expected) in [
            ("", ""),
            ("&&", ""),
            ("Param2=value2&Param1=value1", "Param1=value1&Param2=value2"),
            ("a=2&a=1&A=3", "A=3&a=1&a=2"),
            // By name first: as a whole, `a-b=` would come before `a=`.
            ("a-b=1&a=2", "a=2&a-b=1"),
            ("key", "key="),
            ("=v", "=v"),
            ("a=b=c", "a=b%3Dc"),
            ("a=%7e%41+%2b/", "a=~A%20%2B%2F"),
            ("\u{1234}=bar", "%E1%88%B4=bar"),
            ("X-Amz-Signature=x&b&X%2DAmz-Signature=y", "b="),
        ] {
            assert_eq!(canonical(query).as_deref(), Ok(expected), "{query}");
        }
    }

    #[test]
    fn a_bad_escape_is_refused() {
        for bad in ["a=%", "a=%4", "%zz=1", "a=%4x", "a=%+1"] {
            assert_eq!(canonical(bad), Err(BadEscape), "{bad}");
            assert_eq!(decode_text(bad.trim_start_matches("a=")), None, "{bad}");
        }
    }
}
