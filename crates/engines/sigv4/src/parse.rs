//! Finding the signature in a request.

use std::borrow::Cow;
use std::fmt;

use crate::SigError;
use crate::canonical::SignedHeaders;
use crate::error::ExpiresProblem;
use crate::query;
use crate::request::{Payload, Request, is_s3, sha256};
use crate::time::AmzDate;

/// The one algorithm that is supported.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Longer `Authorization` headers and signature parameters are refused; clients make a few hundred bytes.
const MAX_LENGTH: usize = 8192;

/// The longest life of a presigned request in seconds: seven days.
pub(crate) const MAX_EXPIRES: u32 = 604_800;

/// A request's signature as it was sent, well-formed but not yet checked.
#[derive(Clone)]
pub struct Authentication<'a> {
    pub(crate) request: Request<'a>,
    pub(crate) signed_headers: SignedHeaders<'a>,
    pub(crate) signature: Cow<'a, str>,
    /// Where it was.
    pub form: Form,
    /// For example `AKIAIOSFODNN7EXAMPLE`.
    pub access_key_id: Cow<'a, str>,
    /// What the signature is good for.
    pub scope: Scope<'a>,
    /// The session token of temporary credentials.
    pub session_token: Option<Cow<'a, str>>,
    /// When it was made.
    pub date: AmzDate,
    /// What it says of the body.
    pub payload: Payload,
}

/// Where a signature stands in its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In the `Authorization` header.
    Header,
    /// In the query: a presigned request.
    Presigned {
        /// `X-Amz-Expires`, 1 to 604,800 seconds. Only S3 demands it.
        expires: Option<u32>,
    },
}

/// The credential scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope<'a> {
    /// The day in UTC, for example `20150830`.
    pub day: Cow<'a, str>,
    /// For example `eu-central-1`.
    pub region: Cow<'a, str>,
    /// For example `kms`.
    pub service: Cow<'a, str>,
    /// `aws4_request` in a scope that is right.
    pub(crate) terminator: Cow<'a, str>,
}

impl<'a> Authentication<'a> {
    /// Finds the signature of `request`; `None` when it carries none of Signature Version 4. An `Authorization`
    /// header of another scheme (`Bearer …`) is none.
    ///
    /// # Errors
    /// Everything that makes a signature incomplete or unreadable, in the order in which AWS looks: both forms at
    /// once, missing parts, the date, `host` not signed, the algorithm, the credential.
    pub fn parse(request: &Request<'a>) -> Result<Option<Self>, SigError> {
        let header = request.header("authorization").map(<[u8]>::trim_ascii_start);
        let header = header.filter(|value| value.starts_with(b"AWS4-"));
        let presigned =
            request.query.contains("X-Amz-") && query::pairs(request.query).any(|p| p.0 == "X-Amz-Algorithm");
        match (header, presigned) {
            (None, false) => Ok(None),
            (Some(_), true) => Err(SigError::BothForms),
            (Some(value), false) => Self::parse_header(request, value).map(Some),
            (None, true) => Self::parse_query(request).map(Some),
        }
    }

    /// The names of the signed headers: lower-case, sorted, joined by semicolons.
    pub fn signed_headers(&self) -> &str {
        self.signed_headers.as_str()
    }

    /// `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`; commas or white space separate the parts.
    fn parse_header(request: &Request<'a>, value: &'a [u8]) -> Result<Self, SigError> {
        if value.len() > MAX_LENGTH {
            return Err(SigError::TooLong);
        }
        let hashed = || base64_simd::STANDARD.encode_to_string(sha256(value));
        let not_key_value = || SigError::NotKeyValue { authorization_sha256: hashed() };
        let text = std::str::from_utf8(value).map_err(|_| not_key_value())?;
        let (algorithm, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
        let (mut credential, mut signature, mut signed_headers) = (None, None, None);
        for part in rest.split(',').flat_map(str::split_ascii_whitespace) {
            let (key, value) = part.split_once('=').ok_or_else(not_key_value)?;
            match key {
                "Credential" => credential = Some(value).filter(|v| !v.is_empty()),
                "Signature" => signature = Some(value).filter(|v| !v.is_empty()),
                "SignedHeaders" => signed_headers = Some(value),
                _ => {}
            }
        }
        let amz_date = request.header("x-amz-date");
        let date = amz_date.or_else(|| request.header("date"));
        let (Some(credential), Some(signature), Some(signed_headers), Some(date)) =
            (credential, signature, signed_headers, date)
        else {
            let parts = [
                ("Credential", credential.is_none()),
                ("Signature", signature.is_none()),
                ("SignedHeaders", signed_headers.is_none()),
                ("X-Amz-Date", date.is_none()),
            ];
            return Err(SigError::IncompleteHeader {
                missing: missing(parts),
                authorization_sha256: hashed(),
            });
        };
        let parsed = if amz_date.is_some() { AmzDate::parse(date) } else { AmzDate::parse_http(date) };
        let date = parsed.ok_or_else(|| invalid_date(date))?;
        let signed_headers = SignedHeaders::parse(Cow::Borrowed(signed_headers))?;
        let (access_key_id, scope) = check_and_split(&signed_headers, algorithm, &Cow::Borrowed(credential))?;
        let stated = request.header("x-amz-content-sha256");
        let payload = read_payload(stated, &scope.service)?;
        let session_token = match request.header("x-amz-security-token") {
            Some(token) => {
                Some(Cow::Borrowed(std::str::from_utf8(token).map_err(|_| SigError::InvalidToken)?))
            }
            None => None,
        };
        Ok(Self {
            request: *request,
            signed_headers,
            signature: Cow::Borrowed(signature),
            form: Form::Header,
            access_key_id,
            scope,
            session_token,
            date,
            payload,
        })
    }

    fn parse_query(request: &Request<'a>) -> Result<Self, SigError> {
        let [algorithm, credential, signature, signed_headers, date, expires, session_token, sha256] =
            query_parameters(request.query)?;
        let (Some(algorithm), Some(credential), Some(signature), Some(signed_headers), Some(date)) =
            (&algorithm, &credential, signature.clone(), signed_headers.clone(), &date)
        else {
            let parameters = [
                ("X-Amz-Algorithm", algorithm.is_none()),
                ("X-Amz-Credential", credential.is_none()),
                ("X-Amz-Signature", signature.is_none()),
                ("X-Amz-SignedHeaders", signed_headers.is_none()),
                ("X-Amz-Date", date.is_none()),
            ];
            return Err(SigError::IncompleteQuery(missing(parameters)));
        };
        let date = AmzDate::parse(date.as_bytes()).ok_or_else(|| invalid_date(date.as_bytes()))?;
        let signed_headers = SignedHeaders::parse(signed_headers)?;
        let (access_key_id, scope) = check_and_split(&signed_headers, algorithm, credential)?;
        let expires = expires.map(|text| read_expires(&text)).transpose().map_err(SigError::Expires)?;
        if expires.is_none() && is_s3(&scope.service) {
            return Err(SigError::IncompleteQuery(vec!["X-Amz-Expires"]));
        }
        let header = || {
            request.header("x-amz-content-sha256").filter(|_| signed_headers.contains("x-amz-content-sha256"))
        };
        let stated = sha256.as_deref().map(str::as_bytes).or_else(header);
        let payload = match read_payload(stated, &scope.service)? {
            // Who presigns for S3 does not know the body.
            Payload::Unstated if is_s3(&scope.service) => Payload::Unsigned,
            other => other,
        };
        Ok(Self {
            request: *request,
            signed_headers,
            signature,
            form: Form::Presigned { expires },
            access_key_id,
            scope,
            session_token,
            date,
            payload,
        })
    }
}

impl fmt::Debug for Authentication<'_> {
    /// Without the session token and the signature, which open doors.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authentication")
            .field("form", &self.form)
            .field("access_key_id", &self.access_key_id)
            .field("scope", &self.scope)
            .field("session_token", &self.session_token.as_ref().map(|_| "…"))
            .field("date", &self.date)
            .field("payload", &self.payload)
            .field("signed_headers", &self.signed_headers())
            .finish_non_exhaustive()
    }
}

/// The names whose flag is set.
fn missing<const N: usize>(parts: [(&'static str, bool); N]) -> Vec<&'static str> {
    parts.into_iter().filter(|(_, missing)| *missing).map(|(name, _)| name).collect()
}

fn invalid_date(got: &[u8]) -> SigError {
    SigError::InvalidDate(String::from_utf8_lossy(got).chars().take(64).collect())
}

/// Algorithm, credential, signature, signed headers, date, expires, token and payload hash, decoded; the first of
/// each name counts.
fn query_parameters(query: &str) -> Result<[Option<Cow<'_, str>>; 8], SigError> {
    const NAMES: [&str; 8] = [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Content-Sha256",
    ];
    let mut found: [Option<Cow<'_, str>>; 8] = Default::default();
    for (name, value) in query::pairs(query) {
        let slot = NAMES.iter().position(|n| *n == name).and_then(|index| found.get_mut(index));
        if let Some(slot @ None) = slot {
            if value.len() > MAX_LENGTH {
                return Err(SigError::TooLong);
            }
            *slot = Some(query::decode_text(value).ok_or(SigError::MalformedQuery)?);
        }
    }
    Ok(found)
}

/// Checks in AWS's order that the host is signed, the algorithm and the credential's form, and splits the credential.
fn check_and_split<'a>(
    signed_headers: &SignedHeaders<'_>,
    algorithm: &str,
    credential: &Cow<'a, str>,
) -> Result<(Cow<'a, str>, Scope<'a>), SigError> {
    if !signed_headers.contains("host") && !signed_headers.contains(":authority") {
        return Err(SigError::HostNotSigned);
    }
    if algorithm != ALGORITHM {
        return Err(SigError::UnsupportedAlgorithm(algorithm.chars().take(64).collect()));
    }
    // A part of a borrowed credential stays borrowed.
    let split = |text: &Cow<'a, str>| -> Option<[Cow<'a, str>; 5]> {
        match text {
            Cow::Borrowed(text) => five(text).map(|parts| parts.map(Cow::Borrowed)),
            Cow::Owned(text) => five(text).map(|parts| parts.map(|part| Cow::Owned(part.to_owned()))),
        }
    };
    match split(credential) {
        Some([access_key_id, day, region, service, terminator]) => {
            Ok((access_key_id, Scope { day, region, service, terminator }))
        }
        None => Err(SigError::MalformedCredential(credential.chars().take(256).collect())),
    }
}

/// Exactly five elements between slashes; AWS does not mind slashes at the end.
fn five(credential: &str) -> Option<[&str; 5]> {
    let mut parts = credential.trim_end_matches('/').split('/');
    let five = [parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(five)
}

/// S3 knows every value that the header may have; the other services take no notice of one that they do not know.
fn read_payload(stated: Option<&[u8]>, service: &str) -> Result<Payload, SigError> {
    match stated.map(Payload::parse) {
        None => Ok(Payload::Unstated),
        Some(Some(payload)) => Ok(payload),
        Some(None) if is_s3(service) => Err(SigError::ContentSha256Invalid),
        Some(None) => Ok(Payload::Unstated),
    }
}

fn read_expires(text: &str) -> Result<u32, ExpiresProblem> {
    if text.strip_prefix('-').is_some_and(|digits| digits.parse::<u32>().is_ok()) {
        return Err(ExpiresProblem::TooSmall);
    }
    if text.is_empty() || text.len() > 20 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ExpiresProblem::NotANumber);
    }
    match text.parse::<u32>() {
        Ok(0) => Err(ExpiresProblem::TooSmall),
        Ok(seconds) if seconds <= MAX_EXPIRES => Ok(seconds),
        _ => Err(ExpiresProblem::TooLarge),
    }
}
