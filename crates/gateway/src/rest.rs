//! Phase 2 for services whose operations are methods and URIs: which service, from the head alone, and the habits of
//! S3, which is addressed by bucket and called without a signature.
//!
//! Sources: Amazon S3 User Guide, "Virtual hosting of general purpose buckets"; Amazon S3 API Reference, "Authenticating
//! Requests: Using Query Parameters".

use std::borrow::Cow;

use garrison_schema::ServiceSchema;
use garrison_wire::rest::RestCodec;

use crate::checksum;
use crate::directory::{Directory, Entry};
use crate::head::Head;
use crate::identify::{form_value, scope_service, service_label};

/// Where AWS's own endpoints are.
const AWS_SUFFIXES: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];
/// What S3's labels of AWS's host names begin with that name no bucket's endpoint.
const OTHER_LABELS: [&str; 4] = ["s3-control", "s3-object-lambda", "s3-outposts", "s3-website"];

/// Whether the service takes requests that nobody signed.
pub(crate) fn admits_anyone(service: &ServiceSchema) -> bool {
    RestCodec::of(service) == Some(RestCodec::S3)
}

/// Whether the body has `aws-chunked` framing, by what the head says.
pub(crate) fn is_chunked(head: &Head<'_>) -> bool {
    let encodings = head.header("content-encoding").unwrap_or_default();
    encodings.split(',').any(|encoding| encoding.trim().eq_ignore_ascii_case("aws-chunked"))
}

/// The place in the directory of the service that the request is for, when that is one with routes.
pub(crate) fn service_of(directory: &Directory, head: &Head<'_>, hosts: &[String]) -> Option<usize> {
    if !directory.has_routes()
        || head.header("x-amz-target").is_some()
        || head.header("smithy-protocol").is_some()
    {
        return None;
    }
    let scope = scope_service(head);
    let named = |wanted: &dyn Fn(&Entry) -> bool| -> Vec<usize> {
        let entries = directory.entries().iter().enumerate();
        entries.filter(|(_, entry)| wanted(entry)).map(|(index, _)| index).collect()
    };
    let mut candidates =
        scope.map_or_else(Vec::new, |name| named(&|entry| entry.schema.signing_name == name));
    if candidates.is_empty() {
        let label = service_label(head.host());
        candidates = named(&|entry| entry.schema.endpoint_prefix == label);
    }
    let is_s3 = if candidates.is_empty() {
        bucket_of(head.host(), hosts).is_some() || (scope.is_none() && !may_be_form(head))
    } else {
        let routed = |index: &usize| directory.entry(*index).is_some_and(|entry| entry.routes().is_some());
        candidates.retain(routed);
        let first = candidates.first().and_then(|index| directory.entry(*index))?;
        first.schema.signing_name == "s3"
    };
    if !is_s3 {
        return candidates.first().copied();
    }
    let name = if is_control(head) { "s3control" } else { "s3" };
    named(&|entry| entry.schema.name == name && entry.routes().is_some()).first().copied()
}

/// A request to S3's control plane, which shares its signing name.
fn is_control(head: &Head<'_>) -> bool {
    service_label(head.host()) == "s3-control"
        || head.header("x-amz-account-id").is_some() && head.path().starts_with("/v20180820/")
}

/// Whether the request may be one of the query protocol, which has its operation in the query or in the body. S3 has no
/// operation that is posted to the root.
fn may_be_form(head: &Head<'_>) -> bool {
    (head.method() == "POST" && head.path() == "/")
        || form_value(head.query().as_bytes(), b"Action").is_some()
}

/// The bucket that a host names: `bucket.s3.…`, on AWS's own hosts also `bucket.s3-region.…`, and `bucket.` before one
/// of `hosts` or `localhost`. Its name may have dots.
pub(crate) fn bucket_of<'h>(host: &'h str, hosts: &[String]) -> Option<&'h str> {
    let name = if host.starts_with('[') { return None } else { host.split(':').next()? };
    let is_aws = AWS_SUFFIXES.iter().any(|suffix| ends_with(name, suffix).is_some());
    let mut start = name.len();
    // From the right, since a bucket's name may have labels of any kind.
    for label in name.rsplit('.') {
        start = start.saturating_sub(label.len());
        let dashed = label.get(..3).is_some_and(|prefix| prefix.eq_ignore_ascii_case("s3-"));
        if label.eq_ignore_ascii_case("s3") || (is_aws && dashed) {
            if OTHER_LABELS.iter().any(|other| label.starts_with(other)) {
                return None;
            }
            return name.get(..start)?.strip_suffix('.').filter(|bucket| !bucket.is_empty());
        }
        start = start.saturating_sub(1);
    }
    let own = hosts.iter().map(String::as_str).chain(["localhost"]);
    own.filter_map(|own| ends_with(name, own)?.strip_suffix('.')).find(|bucket| !bucket.is_empty())
}

/// What stands before a suffix, in any case.
fn ends_with<'h>(name: &'h str, suffix: &str) -> Option<&'h str> {
    let (before, end) = name.split_at_checked(name.len().checked_sub(suffix.len())?)?;
    end.eq_ignore_ascii_case(suffix).then_some(before)
}

/// The headers of a request as its operation sees them.
pub(crate) struct Seen<'h>(Vec<(Cow<'h, str>, Cow<'h, [u8]>)>);

impl<'h> Seen<'h> {
    /// Of a request to a service of this protocol. For S3 the framing of the body is taken out of the head too; a
    /// checksum behind the body is announced like one before it; and what a presigned URL says with the names of headers
    /// are headers.
    pub(crate) fn of(head: &'h Head<'_>, codec: RestCodec) -> Self {
        let plain =
            || head.headers().iter().map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(*value)));
        if codec != RestCodec::S3 {
            return Self(plain().collect());
        }
        let length = head.header("x-amz-decoded-content-length");
        let mut headers: Vec<(Cow<'h, str>, Cow<'h, [u8]>)> = Vec::with_capacity(head.headers().len() + 1);
        for (name, value) in plain() {
            let value = match (name.as_ref(), length) {
                ("content-encoding", _) if is_chunked(head) => match without_chunked(&value) {
                    Some(rest) => Cow::Owned(rest),
                    None => continue,
                },
                ("content-length", Some(length)) => Cow::Borrowed(length.as_bytes()),
                _ => value,
            };
            headers.push((name, value));
        }
        hoist(head.query(), &mut headers);
        let announced = head.header("x-amz-trailer").and_then(checksum::announced);
        if let Some(algorithm) = announced
            && head.header("x-amz-sdk-checksum-algorithm").is_none()
        {
            headers
                .push((Cow::Borrowed("x-amz-sdk-checksum-algorithm"), Cow::Borrowed(algorithm.as_bytes())));
        }
        Self(headers)
    }

    /// Them.
    pub(crate) fn headers(&self) -> Vec<(&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect()
    }
}

fn without_chunked(value: &[u8]) -> Option<Vec<u8>> {
    let kept: Vec<_> = value
        .split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .filter(|encoding| !encoding.is_empty() && !encoding.eq_ignore_ascii_case(b"aws-chunked"))
        .collect();
    Some(kept.join(&b","[..])).filter(|kept| !kept.is_empty())
}

/// Adds the parameters of a presigned URL that have the names of headers.
fn hoist<'h>(query: &'h str, headers: &mut Vec<(Cow<'h, str>, Cow<'h, [u8]>)>) {
    const OF_SIGNATURES: [&str; 8] = [
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-expires",
        "x-amz-signedheaders",
        "x-amz-signature",
        "x-amz-security-token",
        "x-amz-content-sha256",
    ];
    if !query.contains("X-Amz-Signature=") {
        return;
    }
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = name.to_ascii_lowercase();
        let is_header = name.starts_with("x-amz-") && !OF_SIGNATURES.contains(&name.as_str());
        if is_header && !headers.iter().any(|(own, _)| *own == name) {
            headers.push((Cow::Owned(name), Cow::Owned(decoded(value))));
        }
    }
}

/// Percent-decoded; what is malformed stays as it is, and has failed the signature by then.
fn decoded(value: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        let escaped = (*byte == b'%').then(|| tail.get(..2)).flatten();
        let escaped =
            escaped.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(*byte));
        rest = if escaped.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_names_its_bucket() {
        let hosts = ["garrison.example".to_owned()];
        for (host, bucket) in [
            ("s3.eu-central-1.amazonaws.com", None),
            ("s3.amazonaws.com", None),
            ("s3-eu-west-1.amazonaws.com", None),
            ("photos.s3.eu-central-1.amazonaws.com", Some("photos")),
            ("photos.s3.amazonaws.com:443", Some("photos")),
            ("my.photos.s3-eu-west-1.amazonaws.com", Some("my.photos")),
            ("a.s3.b.s3.dualstack.us-west-2.amazonaws.com", Some("a.s3.b")),
            ("s3-photos.s3.us-east-1.amazonaws.com", Some("s3-photos")),
            ("photos.s3.cn-north-1.amazonaws.com.cn", Some("photos")),
            ("123456789012.s3-control.us-east-1.amazonaws.com", None),
            ("photos.s3-website.us-east-1.amazonaws.com", None),
            ("photos.s3.garrison.internal:4566", Some("photos")),
            ("box.s3-team.corp.example", None),
            ("photos.garrison.example", Some("photos")),
            ("my.photos.Garrison.Example:80", Some("my.photos")),
            ("garrison.example", None),
            ("notgarrison.example", None),
            ("photos.localhost:4566", Some("photos")),
            ("localhost:4566", None),
            ("127.0.0.1:4566", None),
            ("[::1]:4566", None),
            ("", None),
        ] {
            assert_eq!(bucket_of(host, &hosts), bucket, "{host}");
        }
    }

    #[test]
    fn parameters_of_a_presigned_url_become_headers() {
        let query = "x-amz-acl=public-read&X-Amz-Meta-A=%C3%A9%2&X-Amz-Date=1&list-type=2&x-amz-tagging&X-Amz-Signature=0";
        let mut headers = vec![(Cow::Borrowed("x-amz-acl"), Cow::Borrowed(&b"private"[..]))];
        hoist(query, &mut headers);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
        let expected: [(&str, &[u8]); 3] =
            [("x-amz-acl", b"private"), ("x-amz-meta-a", b"\xc3\xa9%2"), ("x-amz-tagging", b"")];
        assert_eq!(headers, expected);
        let mut none = Vec::new();
        hoist("x-amz-acl=public-read", &mut none);
        assert!(none.is_empty(), "only where the URL is signed");
    }

    #[test]
    fn framing_is_taken_out_of_the_encodings() {
        for (value, rest) in [
            ("aws-chunked", None),
            ("aws-chunked,gzip", Some("gzip")),
            ("gzip, AWS-Chunked , br", Some("gzip,br")),
        ] {
            assert_eq!(without_chunked(value.as_bytes()).as_deref(), rest.map(str::as_bytes), "{value}");
        }
    }
}
