//! What buckets and objects may be called.
//!
//! Source: Amazon S3 User Guide, "General purpose bucket naming rules" and "Naming Amazon S3 objects".

use garrison_schema::ApiError;

use crate::error;

/// The longest key, in bytes of UTF-8.
const MAX_KEY: usize = 1024;

const RESERVED_PREFIXES: [&str; 4] = ["xn--", "sthree-", "amzn-s3-demo-", "amzn_s3_demo_"];
const RESERVED_SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

/// Refuses what no new bucket may be called.
///
/// # Errors
/// `InvalidBucketName`.
pub(crate) fn check_bucket(name: &str) -> Result<(), ApiError> {
    if is_bucket_name(name) { Ok(()) } else { Err(error::invalid_bucket_name()) }
}

fn is_bucket_name(name: &str) -> bool {
    let edge = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let inner = |byte: u8| edge(byte) || byte == b'-' || byte == b'.';
    (3..=63).contains(&name.len())
        && name.bytes().all(inner)
        && name.bytes().next().is_some_and(edge)
        && name.bytes().next_back().is_some_and(edge)
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
        && !RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        && !RESERVED_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

/// Refuses what no object may be called.
///
/// # Errors
/// `KeyTooLongError`.
pub(crate) fn check_key(key: &str) -> Result<(), ApiError> {
    if key.is_empty() {
        return Err(error::invalid_argument("Object key must not be empty."));
    }
    if key.len() > MAX_KEY { Err(error::key_too_long()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_buckets() {
        for name in ["abc", "a.b.c", "my-bucket-1", "1bucket", &"a".repeat(63), "1.2.3.4.5"] {
            assert!(is_bucket_name(name), "{name}");
        }
        for name in [
            "",
            "ab",
            &"a".repeat(64),
            "Abc",
            "a_b",
            "-abc",
            "abc-",
            ".abc",
            "a..b",
            "192.168.5.4",
            "xn--abc",
            "sthree-abc",
            "amzn-s3-demo-x",
            "abc-s3alias",
            "abc--ol-s3",
            "abc--x-s3",
            "a b",
            "bücket",
        ] {
            assert!(!is_bucket_name(name), "{name}");
        }
    }

    #[test]
    fn keys_have_at_most_1024_bytes() {
        assert!(check_key(&"ä".repeat(512)).is_ok());
        assert_eq!(check_key(&"ä".repeat(513)).unwrap_err().schema.name, "KeyTooLongError");
        assert_eq!(check_key("").unwrap_err().schema.name, "InvalidArgument");
    }
}
