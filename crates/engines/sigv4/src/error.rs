//! The ways a signature can fail, and what AWS calls them.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use garrison_types::Timestamp;

use crate::time::AmzDate;

mod s3;

/// How an AWS service names its errors: it follows from the service's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorFamily {
    /// JSON 1.0, JSON 1.1 and CBOR: names end in `Exception`, the status is 400.
    Json,
    /// REST-JSON: the names of JSON, the status is 403.
    RestJson,
    /// Query services such as STS and IAM.
    Query,
    /// S3.
    S3,
}

/// Why a request's signature is not accepted.
///
/// [`SigError::code`], [`SigError::status`] and [`SigError::message`] give what AWS answers; `Display` gives the
/// message of [`ErrorFamily::Json`]. No variant carries a secret: where AWS echoes the `Authorization` header, it
/// echoes its SHA-256.
///
/// Source: IAM User Guide, "Troubleshoot Signature Version 4 signing for AWS API requests"; the "Common error types" of
/// the services; S3 API Reference, "Error responses"; messages as clients have reported them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SigError {
    /// Header and query both carry a signature.
    BothForms,
    /// `x-amz-content-sha256` is none of the values that S3 knows.
    ContentSha256Invalid,
    /// The body does not have the SHA-256 that `x-amz-content-sha256` states (S3).
    ContentSha256Mismatch,
    /// The body is not there to be hashed and `x-amz-content-sha256` does not state its hash.
    ContentSha256Missing,
    /// The signature is too old.
    Expired(TimeWindow),
    /// The session token is past its end. Found by whoever looks up the token.
    ExpiredToken,
    /// `X-Amz-Expires` is not what it must be.
    Expires(ExpiresProblem),
    /// Headers that must be signed are not; their names in lower case.
    HeadersNotSigned(Vec<String>),
    /// Neither `host` nor `:authority` is signed.
    HostNotSigned,
    /// The `Authorization` header lacks parts.
    IncompleteHeader {
        /// What lacks, in AWS's order: `Credential`, `Signature`, `SignedHeaders`; and `X-Amz-Date` when there is no date.
        missing: Vec<&'static str>,
        /// The SHA-256 of the header, in Base64.
        authorization_sha256: String,
    },
    /// The query lacks these parameters.
    IncompleteQuery(Vec<&'static str>),
    /// The cryptographic library failed; nothing was verified.
    Internal,
    /// The date of the request cannot be read; holds what it was.
    InvalidDate(String),
    /// The session token is not one that was issued. Found by whoever looks up the token.
    InvalidToken,
    /// The credential does not have five elements; holds what it was.
    MalformedCredential(String),
    /// The path has a `%` that two hexadecimal digits do not follow (S3).
    MalformedPath,
    /// The query has such a `%`, or a signature parameter that is not UTF-8.
    MalformedQuery,
    /// The signature is another one than that of the request.
    Mismatch,
    /// The request has no signature where one is needed.
    Missing,
    /// The `Authorization` header holds something that is not `key=value`; with the header's SHA-256, in Base64.
    NotKeyValue {
        /// The SHA-256 of the header, in Base64.
        authorization_sha256: String,
    },
    /// The signature's date lies too far ahead.
    NotYetCurrent(TimeWindow),
    /// The credential is for another day, region or service.
    Scope(Box<ScopeMismatch>),
    /// The header or the list of signed headers is longer than any client makes it.
    TooLong,
    /// The access key is not known or not active. Found by whoever looks up the key.
    UnknownAccessKey,
    /// Another algorithm than `AWS4-HMAC-SHA256`; holds what it was.
    UnsupportedAlgorithm(String),
}

/// The times that a stale or early signature is reported with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeWindow {
    /// The date that was signed.
    pub signed: Timestamp,
    /// The time at which it was judged.
    pub now: Timestamp,
    /// How far the two may lie apart.
    pub allowed: Duration,
    /// Whether the request is presigned, which S3 reports in another way.
    pub presigned: bool,
}

/// What is wrong with `X-Amz-Expires` (S3 API Reference, "Authenticating Requests: Using Query Parameters").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiresProblem {
    /// Not a whole number.
    NotANumber,
    /// Below 1.
    TooSmall,
    /// Above 604,800 seconds, a week.
    TooLarge,
}

/// The elements of the credential scope that are not as they must be; at least one is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeMismatch {
    /// The region as it was, and the expected one when only one is right.
    pub region: Option<(String, Option<String>)>,
    /// The service as it was, and the expected one.
    pub service: Option<(String, String)>,
    /// What stood in the place of `aws4_request`.
    pub terminator: Option<String>,
    /// The day as it was, and the date of the request.
    pub day: Option<(String, String)>,
}

/// AWS's kinds of errors, of which every family has its own name.
enum Kind {
    Expired,
    Incomplete,
    Internal,
    MalformedQuery,
    Mismatch,
    Missing,
    UnknownKey,
}

impl SigError {
    /// The error's name, for example `SignatureDoesNotMatch`.
    pub fn code(&self, family: ErrorFamily) -> &'static str {
        if family == ErrorFamily::S3 {
            return s3::code(self).0;
        }
        let json = family != ErrorFamily::Query;
        match self.kind() {
            Kind::Expired if json => "ExpiredTokenException",
            Kind::Expired => "ExpiredToken",
            Kind::Incomplete if json => "IncompleteSignatureException",
            Kind::Incomplete => "IncompleteSignature",
            Kind::Internal => "InternalFailure",
            Kind::MalformedQuery => "MalformedQueryString",
            Kind::Mismatch if json => "InvalidSignatureException",
            Kind::Mismatch => "SignatureDoesNotMatch",
            Kind::Missing if json => "MissingAuthenticationTokenException",
            Kind::Missing => "MissingAuthenticationToken",
            Kind::UnknownKey if json => "UnrecognizedClientException",
            Kind::UnknownKey => "InvalidClientTokenId",
        }
    }

    /// The HTTP status.
    pub fn status(&self, family: ErrorFamily) -> u16 {
        match (family, self.kind()) {
            (ErrorFamily::S3, _) => s3::code(self).1,
            (_, Kind::Internal) => 500,
            (_, Kind::MalformedQuery) => 404,
            (ErrorFamily::Json, _) | (ErrorFamily::Query, Kind::Incomplete) => 400,
            (ErrorFamily::RestJson | ErrorFamily::Query, _) => 403,
        }
    }

    /// The text for the caller.
    pub fn message(&self, family: ErrorFamily) -> Cow<'static, str> {
        match (family, self) {
            (ErrorFamily::S3, _) => s3::message(self),
            (ErrorFamily::Query, Self::Missing) => "Request is missing Authentication Token".into(),
            _ => self.to_string().into(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::ExpiredToken => Kind::Expired,
            Self::IncompleteHeader { .. }
            | Self::IncompleteQuery(_)
            | Self::InvalidDate(_)
            | Self::Expires(_)
            | Self::MalformedCredential(_)
            | Self::NotKeyValue { .. }
            | Self::TooLong
            | Self::UnsupportedAlgorithm(_) => Kind::Incomplete,
            Self::Internal => Kind::Internal,
            Self::MalformedPath | Self::MalformedQuery => Kind::MalformedQuery,
            Self::BothForms
            | Self::ContentSha256Invalid
            | Self::ContentSha256Mismatch
            | Self::ContentSha256Missing
            | Self::Expired(_)
            | Self::HeadersNotSigned(_)
            | Self::HostNotSigned
            | Self::Mismatch
            | Self::NotYetCurrent(_)
            | Self::Scope(_) => Kind::Mismatch,
            Self::Missing => Kind::Missing,
            Self::InvalidToken | Self::UnknownAccessKey => Kind::UnknownKey,
        }
    }
}

impl fmt::Display for SigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BothForms => f.write_str(
                "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
            ),
            Self::Expired(window) => write!(
                f,
                "Signature expired: {} is now earlier than {} ({} - {} min.)",
                AmzDate::new(window.signed),
                AmzDate::new(window.now - window.allowed),
                AmzDate::new(window.now),
                window.allowed.as_secs() / 60,
            ),
            Self::ExpiredToken => f.write_str("The security token included in the request is expired"),
            Self::Expires(problem) => problem.fmt(f),
            Self::HeadersNotSigned(names) => {
                for (index, name) in names.iter().enumerate() {
                    let space = if index == 0 { "" } else { " " };
                    write!(f, "{space}'{name}' must be a 'SignedHeader' in the AWS Authorization.")?;
                }
                Ok(())
            }
            Self::HostNotSigned => {
                f.write_str("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
            }
            Self::IncompleteHeader { missing, authorization_sha256 } => {
                for name in missing {
                    match *name {
                        "X-Amz-Date" => f.write_str(
                            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
                        )?,
                        name => write!(f, "Authorization header requires '{name}' parameter. ")?,
                    }
                }
                write!(f, "(Hashed with SHA-256 and encoded with Base64) Authorization={authorization_sha256}")
            }
            Self::IncompleteQuery(missing) => {
                for name in missing {
                    write!(f, "AWS query-string parameters must include '{name}'. ")?;
                }
                f.write_str("Re-examine the query-string parameters.")
            }
            Self::Internal => f.write_str(
                "The request processing has failed because of an unknown error, exception or failure.",
            ),
            Self::InvalidDate(got) => write!(
                f,
                "Date must be in ISO-8601 'basic format'. Got '{got}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ),
            Self::InvalidToken | Self::UnknownAccessKey => {
                f.write_str("The security token included in the request is invalid.")
            }
            Self::MalformedCredential(got) => write!(
                f,
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
                 '{got}'"
            ),
            Self::MalformedPath | Self::MalformedQuery => {
                f.write_str("The query string contains a syntax error.")
            }
            // Only S3 tells the payload hash's faults apart.
            Self::Mismatch
            | Self::ContentSha256Invalid
            | Self::ContentSha256Mismatch
            | Self::ContentSha256Missing => f.write_str(
                "The request signature we calculated does not match the signature you provided. Check your AWS \
                 Secret Access Key and signing method. Consult the service documentation for details.",
            ),
            Self::Missing => f.write_str("Missing Authentication Token"),
            Self::NotKeyValue { authorization_sha256 } => write!(
                f,
                "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and \
                 encoded with Base64): '{authorization_sha256}'."
            ),
            Self::NotYetCurrent(window) => write!(
                f,
                "Signature not yet current: {} is still later than {} ({} + {} min.)",
                AmzDate::new(window.signed),
                AmzDate::new(window.now + window.allowed),
                AmzDate::new(window.now),
                window.allowed.as_secs() / 60,
            ),
            Self::Scope(scope) => scope.fmt(f),
            Self::TooLong => f.write_str("The request signature does not conform to AWS standards."),
            Self::UnsupportedAlgorithm(algorithm) if algorithm == "AWS4-ECDSA-P256-SHA256" => write!(
                f,
                "Unsupported AWS 'algorithm': '{algorithm}'. Signature Version 4A is not supported: sign with \
                 AWS4-HMAC-SHA256."
            ),
            Self::UnsupportedAlgorithm(algorithm) => {
                write!(f, "Unsupported AWS 'algorithm': '{algorithm}'.")
            }
        }
    }
}

impl std::error::Error for SigError {}

impl fmt::Display for ExpiresProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotANumber => "X-Amz-Expires should be a number",
            Self::TooSmall => "X-Amz-Expires must be non-negative",
            Self::TooLarge => {
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less \
                 than 604800 seconds"
            }
        })
    }
}

impl ScopeMismatch {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for ScopeMismatch {
    /// Every sentence ends in a space, as AWS has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.region.is_some() {
            f.write_str("Credential should be scoped to a valid region. ")?;
        }
        if let Some((_, expected)) = &self.service {
            write!(f, "Credential should be scoped to correct service: '{expected}'. ")?;
        }
        if let Some(got) = &self.terminator {
            write!(f, "Credential should be scoped with a valid terminator: 'aws4_request', not '{got}'. ")?;
        }
        if let Some((got, date)) = &self.day {
            write!(
                f,
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{got}' \
                 != '{}', from '{date}'.",
                date.get(..8).unwrap_or_default()
            )?;
        }
        Ok(())
    }
}
