//! Phase 2: which operation of which service does the request mean, and in which protocol?
//!
//! In the order of how plainly a request says it: `X-Amz-Target` (JSON), the path of Smithy RPC v2 CBOR, and
//! `Action` with the service named by the credential scope, the host or, in the end, the API version (query).
//!
//! Sources: Smithy 2.0 specification, "AWS JSON 1.1 protocol", "Smithy RPC v2 CBOR protocol", "AWS query protocol".

use garrison_kernel::errors;
use garrison_schema::{ApiError, Protocol};
use garrison_wire::Codec;

use crate::directory::{Directory, Entry, OperationEntry};
use crate::head::Head;

/// What a request means.
pub(crate) struct Identified<'d> {
    pub(crate) service: &'d Entry,
    pub(crate) operation: &'d OperationEntry,
    pub(crate) codec: Codec,
    /// The parameters stand in the URL's query, not in the body.
    pub(crate) in_url: bool,
}

/// A request that means nothing here: how to say so.
pub(crate) struct Unidentified<'d> {
    pub(crate) codec: Codec,
    /// The service, when that much was clear.
    pub(crate) service: Option<&'d Entry>,
    /// The operation's name as the request has it; empty when it names none.
    pub(crate) operation: String,
    pub(crate) error: ApiError,
}

/// The most characters of a foreign name that are given back.
const MAX_ECHO: usize = 128;

/// Finds what the request means.
pub(crate) fn identify<'d>(
    directory: &'d Directory,
    head: &Head<'_>,
    body: &[u8],
) -> Result<Identified<'d>, Unidentified<'d>> {
    if let Some(target) = head.header("x-amz-target") {
        return by_target(directory, head, target);
    }
    if head.header("smithy-protocol").is_some() {
        return by_path(directory, head);
    }
    by_action(directory, head, body)
}

/// The codec to complain in when nothing is known but the head.
pub(crate) fn codec_of(head: &Head<'_>) -> Codec {
    match head.content_type() {
        "application/x-amz-json-1.0" => Codec::Json10,
        "application/cbor" => Codec::RpcV2Cbor,
        _ if head.header("smithy-protocol").is_some() => Codec::RpcV2Cbor,
        "application/x-amz-json-1.1" | "application/json" => Codec::Json11,
        _ if head.header("x-amz-target").is_some() => Codec::Json11,
        _ => Codec::Query,
    }
}

fn by_target<'d>(
    directory: &'d Directory,
    head: &Head<'_>,
    target: &str,
) -> Result<Identified<'d>, Unidentified<'d>> {
    let (prefix, name) = target.rsplit_once('.').unwrap_or((target, ""));
    // Clients made from Smithy models name the service by its shape alone, without botocore's longer prefix.
    let service = directory.by_target(prefix).or_else(|| directory.by_shape(prefix));
    // A service answers JSON 1.0 and 1.1 alike; a request in any other type gets the model's choice.
    let codec = match (head.content_type(), service) {
        ("application/x-amz-json-1.0", _) => Codec::Json10,
        ("application/x-amz-json-1.1", _) | (_, None) => Codec::Json11,
        (_, Some(service)) if service.schema.protocols.contains(&Protocol::Json11) => Codec::Json11,
        (_, Some(_)) => Codec::Json10,
    };
    found(service, name, codec, false)
}

fn by_path<'d>(directory: &'d Directory, head: &Head<'_>) -> Result<Identified<'d>, Unidentified<'d>> {
    let mut parts = head.path().trim_start_matches('/').split('/');
    let (service, name) = match (parts.next(), parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("service"), Some(shape), Some("operation"), Some(name), None) => {
            (directory.by_shape(shape), name)
        }
        _ => (None, ""),
    };
    let speaks = service.filter(|service| service.schema.protocols.contains(&Protocol::RpcV2Cbor));
    found(speaks, name, Codec::RpcV2Cbor, false)
}

fn by_action<'d>(
    directory: &'d Directory,
    head: &Head<'_>,
    body: &[u8],
) -> Result<Identified<'d>, Unidentified<'d>> {
    let in_body = form_value(body, b"Action");
    let action = in_body.or_else(|| form_value(head.query().as_bytes(), b"Action"));
    let in_url = in_body.is_none();
    let form = if in_url { head.query().as_bytes() } else { body };
    let version = form_value(form, b"Version");
    let candidates = named_services(directory, head);
    let Some(action) = action else {
        let codec = codec_of(head);
        return Err(unknown(
            codec,
            candidates.first().copied(),
            "",
            "The request names no operation.".to_owned(),
        ));
    };
    let of_version = |entry: &&&Entry| version.is_none_or(|version| version == entry.schema.api_version);
    let service = candidates.iter().find(of_version).or(candidates.first()).copied();
    let service = service.or_else(|| {
        let speaks = |entry: &&Entry| entry.schema.protocols.contains(&Protocol::Query);
        let matches = |entry: &&Entry| speaks(entry) && entry.operation(action).is_some();
        directory.entries().iter().filter(matches).find(|entry| of_version(&entry))
    });
    if let (Some(service), Some(version)) = (service, version)
        && (version != service.schema.api_version || !service.schema.protocols.contains(&Protocol::Query))
    {
        let message = format!("Could not find operation {} for version {}", echo(action), echo(version));
        return Err(unknown(Codec::Query, Some(service), action, message));
    }
    found(service, action, Codec::Query, in_url)
}

/// The services that the credential scope names, else those that the host names.
fn named_services<'d>(directory: &'d Directory, head: &Head<'_>) -> Vec<&'d Entry> {
    if let Some(name) = scope_service(head) {
        let signed: Vec<_> =
            directory.entries().iter().filter(|entry| entry.schema.signing_name == name).collect();
        if !signed.is_empty() {
            return signed;
        }
    }
    let label = service_label(head.host());
    directory.entries().iter().filter(|entry| entry.schema.endpoint_prefix == label).collect()
}

/// The service in the credential scope, read without judging the signature.
pub(crate) fn scope_service<'a>(head: &Head<'a>) -> Option<&'a str> {
    let header =
        head.header("authorization").and_then(|value| value.split_once("Credential=")).map(|(_, c)| c);
    let credential = match header {
        Some(rest) => rest.split([',', ' ']).next()?,
        None => head.query().split('&').find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?,
    };
    let separator = if credential.contains('/') { "/" } else { "%2F" };
    credential.split(separator).nth(3)
}

/// The label of a host name that names the service: known prefixes (an account's, `stream-`, `streaming-`, `data-`)
/// are taken off.
pub(crate) fn service_label(host: &str) -> &str {
    let mut labels = host.split(['.', ':']);
    let first = labels.next().unwrap_or_default();
    let is_account = first.len() == 12 && first.bytes().all(|b| b.is_ascii_digit());
    let label = if is_account { labels.next().unwrap_or_default() } else { first };
    ["streaming-", "stream-", "data-"].iter().find_map(|prefix| label.strip_prefix(prefix)).unwrap_or(label)
}

/// The first value of a form's parameter; operation names and versions need no decoding.
pub(crate) fn form_value<'a>(form: &'a [u8], name: &[u8]) -> Option<&'a str> {
    let value = form.split(|b| *b == b'&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix(b"="))?;
    std::str::from_utf8(value).ok().filter(|value| !value.is_empty())
}

fn found<'d>(
    service: Option<&'d Entry>,
    name: &str,
    codec: Codec,
    in_url: bool,
) -> Result<Identified<'d>, Unidentified<'d>> {
    match service.and_then(|service| Some((service, service.operation(name)?))) {
        Some((service, operation)) => Ok(Identified { service, operation, codec, in_url }),
        None => {
            let message = match service {
                Some(service) => {
                    format!(
                        "Could not find operation {} for version {}",
                        echo(name),
                        service.schema.api_version
                    )
                }
                None => "Garrison has no service that the request could be for.".to_owned(),
            };
            Err(unknown(codec, service, name, message))
        }
    }
}

fn unknown<'d>(codec: Codec, service: Option<&'d Entry>, name: &str, message: String) -> Unidentified<'d> {
    let error = ApiError::new(&errors::UNKNOWN_OPERATION, message);
    Unidentified { codec, service, operation: echo(name), error }
}

fn echo(text: &str) -> String {
    text.chars().take(MAX_ECHO).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_names_its_service() {
        for (host, label) in [
            ("kms.eu-central-1.amazonaws.com", "kms"),
            ("sts.amazonaws.com:443", "sts"),
            ("123456789012.s3-control.us-east-1.amazonaws.com", "s3-control"),
            ("stream-logs.us-east-1.amazonaws.com", "logs"),
            ("streaming-logs.us-east-1.amazonaws.com", "logs"),
            ("localhost:4566", "localhost"),
            ("", ""),
        ] {
            assert_eq!(service_label(host), label, "{host}");
        }
    }

    #[test]
    fn a_form_gives_its_parameters() {
        let form = b"Version=2011-06-15&Action=GetCallerIdentity&XAction=no&Empty=";
        assert_eq!(form_value(form, b"Action"), Some("GetCallerIdentity"));
        assert_eq!(form_value(form, b"Version"), Some("2011-06-15"));
        assert_eq!(form_value(form, b"Empty"), None);
        assert_eq!(form_value(b"\xff&Action=\xff", b"Action"), None);
    }
}
