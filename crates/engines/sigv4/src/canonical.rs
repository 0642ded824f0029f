//! The canonical request.
//!
//! Source: IAM User Guide, "Create a signed AWS API request", step 1.

use std::borrow::Cow;

use crate::SigError;
use crate::query;
use crate::request::{Payload, Request};

/// More names than this are refused: every name is looked up among all headers.
const MAX_SIGNED_HEADERS: usize = 100;

/// The names of the signed headers, lower-case, sorted, each once, joined by semicolons.
#[derive(Debug, Clone)]
pub(crate) struct SignedHeaders<'a>(Cow<'a, str>);

impl<'a> SignedHeaders<'a> {
    /// Reads the list; a list in another order or case is brought into the canonical one, since that is what the
    /// signer must have signed.
    pub(crate) fn parse(text: Cow<'a, str>) -> Result<Self, SigError> {
        let (mut count, mut canonical, mut previous) = (0, true, &b""[..]);
        for name in text.as_bytes().split(|b| *b == b';') {
            count += 1;
            canonical &= previous < name && !name.iter().any(u8::is_ascii_uppercase);
            previous = name;
        }
        if count > MAX_SIGNED_HEADERS {
            return Err(SigError::TooLong);
        }
        if canonical {
            return Ok(Self(text));
        }
        Ok(Self::from_names(text.split(';').filter(|name| !name.is_empty())))
    }

    /// The canonical list of `names`.
    pub(crate) fn from_names<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let mut names: Vec<String> = names.map(str::to_ascii_lowercase).collect();
        names.sort_unstable();
        names.dedup();
        Self(Cow::Owned(names.join(";")))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.0.as_bytes().split(|b| *b == b';')
    }

    /// Whether the list holds `name`, in any case.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.names().any(|n| n.eq_ignore_ascii_case(name.as_bytes()))
    }
}

/// Appends the canonical request.
///
/// Fails with [`SigError::Mismatch`] when a signed header is not there: what the signer signed cannot be known then.
pub(crate) fn write_request(
    out: &mut Vec<u8>,
    request: &Request<'_>,
    signed: &SignedHeaders<'_>,
    payload: &Payload,
    s3: bool,
    presigned: bool,
) -> Result<(), SigError> {
    out.extend_from_slice(request.method.as_bytes());
    out.push(b'\n');
    if s3 {
        write_path_once(out, request.path)?;
    } else {
        write_path_twice(out, request.path);
    }
    out.push(b'\n');
    query::write_canonical(out, request.query, presigned).map_err(|_| SigError::MalformedQuery)?;
    out.push(b'\n');
    for name in signed.names() {
        write_header(out, request, name)?;
    }
    out.push(b'\n');
    out.extend_from_slice(signed.as_str().as_bytes());
    out.push(b'\n');
    payload.write(out).ok_or(SigError::ContentSha256Missing)
}

/// S3's form: the path decoded and encoded once, slashes and dots untouched, since they belong to the object's key.
fn write_path_once(out: &mut Vec<u8>, path: &str) -> Result<(), SigError> {
    if path.is_empty() {
        out.push(b'/');
    }
    for byte in query::decode(path.as_bytes(), b'+') {
        match byte.map_err(|_| SigError::MalformedPath)? {
            b'/' => out.push(b'/'),
            other => query::push_encoded(out, other),
        }
    }
    Ok(())
}

/// Every other service's form: empty and dot segments removed (RFC 3986 §5.2.4), then the path, encoded as it came,
/// encoded once more.
fn write_path_twice(out: &mut Vec<u8>, path: &str) {
    if path == "/" {
        return out.push(b'/');
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            name => segments.push(name),
        }
    }
    for segment in &segments {
        out.push(b'/');
        for byte in segment.bytes() {
            query::push_encoded(out, byte);
        }
    }
    if segments.is_empty() || path.ends_with('/') {
        out.push(b'/');
    }
}

/// Appends `name:value\n`; several values of one name are joined by commas in the order they were sent.
fn write_header(out: &mut Vec<u8>, request: &Request<'_>, name: &[u8]) -> Result<(), SigError> {
    let start = out.len();
    out.extend_from_slice(name);
    let mut separator = b':';
    let mut append = |wanted: &[u8]| {
        for (_, value) in request.headers.iter().filter(|(n, _)| n.as_bytes().eq_ignore_ascii_case(wanted)) {
            out.push(separator);
            separator = b',';
            write_trimmed(out, value);
        }
        separator == b','
    };
    let found = append(name)
        // HTTP/2 has the authority where HTTP/1.1 has the host.
        || name == b"host" && append(b":authority")
        || name == b":authority" && append(b"host");
    if !found {
        out.truncate(start);
        return Err(SigError::Mismatch);
    }
    out.push(b'\n');
    Ok(())
}

/// Appends `value` without white space at its ends and with every run of white space within made one space.
fn write_trimmed(out: &mut Vec<u8>, value: &[u8]) {
    let value = value.trim_ascii();
    let mut previous = b' ';
    let mut plain = |byte: &u8| {
        let pair = (std::mem::replace(&mut previous, *byte), *byte);
        pair != (b' ', b' ') && (*byte == b' ' || !byte.is_ascii_whitespace())
    };
    // Nearly every value is as it should be.
    if value.iter().all(&mut plain) {
        return out.extend_from_slice(value);
    }
    let mut after_space = false;
    for byte in value {
        let space = byte.is_ascii_whitespace();
        if !space {
            out.push(*byte);
        } else if !after_space {
            out.push(b' ');
        }
        after_space = space;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_the_form_of_their_service() {
        for (path, once, twice) in [
            ("", "/", "/"),
            ("/", "/", "/"),
            ("/a/b", "/a/b", "/a/b"),
            ("/a/b/", "/a/b/", "/a/b/"),
            ("//a//b//", "//a//b//", "/a/b/"),
            ("/a/../b", "/a/../b", "/b"),
            ("/a/b/../..", "/a/b/../..", "/"),
            ("/..", "/..", "/"),
            ("/./", "/./", "/"),
            ("/./a", "/./a", "/a"),
            ("/a%20b", "/a%20b", "/a%2520b"),
            ("/a b", "/a%20b", "/a%20b"),
            ("/\u{1234}", "/%E1%88%B4", "/%E1%88%B4"),
            ("/a+b(1)*", "/a%2Bb%281%29%2A", "/a%2Bb%281%29%2A"),
            ("/a%2fb%7E", "/a/b~", "/a%252fb%257E"),
            ("/-._~0", "/-._~0", "/-._~0"),
            ("/a:b", "/a%3Ab", "/a%3Ab"),
        ] {
            let mut out = Vec::new();
            write_path_once(&mut out, path).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), once, "once: {path}");
            let mut out = Vec::new();
            write_path_twice(&mut out, path);
            assert_eq!(String::from_utf8(out).unwrap(), twice, "twice: {path}");
        }
        assert_eq!(write_path_once(&mut Vec::new(), "/%g0"), Err(SigError::MalformedPath));
    }

    #[test]
    fn values_are_trimmed_and_folded() {
        for (value, expected) in [
            ("", ""),
            ("   ", ""),
            (" a   b \t c ", "a b c"),
            ("\"a   b   c\"", "\"a b c\""),
            ("a,b", "a,b"),
            ("plain", "plain"),
        ] {
            let mut out = Vec::new();
            write_trimmed(&mut out, value.as_bytes());
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{value:?}");
        }
    }

    #[test]
    fn the_list_of_names_is_made_canonical() {
        for (text, expected) in [
            ("host;x-amz-date", "host;x-amz-date"),
            ("X-Amz-Date;Host", "host;x-amz-date"),
            ("b;a;b", "a;b"),
            (";host", "host"),
        ] {
            assert_eq!(SignedHeaders::parse(text.into()).unwrap().as_str(), expected, "{text}");
        }
        let many = vec!["a"; MAX_SIGNED_HEADERS + 1].join(";");
        assert!(matches!(SignedHeaders::parse(many.into()), Err(SigError::TooLong)));
    }
}
