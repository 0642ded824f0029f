//! The `Range` header.
//!
//! Source: RFC 9110, section 14; Amazon S3 API Reference, "GetObject".

use std::ops::Range;

use garrison_schema::ApiError;

use crate::error;

/// The bytes that a header asks for; `None` for one that asks for several ranges or that cannot be read: it does not
/// count.
///
/// # Errors
/// `InvalidRange` when the object does not have such bytes.
pub(crate) fn parse(header: &str, size: u64) -> Result<Option<Range<u64>>, ApiError> {
    let Some((first, last)) = header.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Ok(None);
    };
    let (first, last) = (first.trim(), last.trim());
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(suffix)) if first.is_empty() => size.saturating_sub(suffix)..size,
        _ => return Ok(None),
    };
    if range.is_empty() { Err(error::invalid_range()) } else { Ok(Some(range)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (header, size, range) in [
            ("bytes=0-4", 10, Some(0..5)),
            ("bytes=5-", 10, Some(5..10)),
            ("bytes=-3", 10, Some(7..10)),
            ("bytes=-30", 10, Some(0..10)),
            ("bytes=9-100", 10, Some(9..10)),
            ("bytes=0-18446744073709551615", 10, Some(0..10)),
            ("bytes=4-2", 10, None),
            ("bytes=0-1,3-4", 10, None),
            ("bytes=-", 10, None),
            ("lines=0-1", 10, None),
            ("", 10, None),
        ] {
            assert_eq!(parse(header, size).unwrap(), range, "{header}");
        }
        for (header, size) in [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-5", 0)] {
            assert_eq!(parse(header, size).unwrap_err().schema.http_status, 416, "{header}");
        }
    }
}
