//! S3's names for the errors.
//!
//! Source: S3 API Reference, "Error responses".

use std::borrow::Cow;

use super::{ScopeMismatch, SigError};

/// The code and the HTTP status.
pub(super) fn code(error: &SigError) -> (&'static str, u16) {
    match error {
        SigError::BothForms | SigError::ContentSha256Invalid => ("InvalidArgument", 400),
        SigError::ContentSha256Mismatch => ("XAmzContentSHA256Mismatch", 400),
        SigError::ContentSha256Missing | SigError::UnsupportedAlgorithm(_) => ("InvalidRequest", 400),
        SigError::Expired(window) | SigError::NotYetCurrent(window) if !window.presigned => {
            ("RequestTimeTooSkewed", 403)
        }
        SigError::ExpiredToken => ("ExpiredToken", 400),
        SigError::Expires(_) | SigError::IncompleteQuery(_) => ("AuthorizationQueryParametersError", 400),
        SigError::IncompleteHeader { missing, .. } if missing.contains(&"X-Amz-Date") => {
            ("AccessDenied", 403)
        }
        SigError::IncompleteHeader { .. }
        | SigError::MalformedCredential(_)
        | SigError::NotKeyValue { .. }
        | SigError::Scope(_)
        | SigError::TooLong => ("AuthorizationHeaderMalformed", 400),
        SigError::Internal => ("InternalError", 500),
        SigError::InvalidToken => ("InvalidToken", 400),
        SigError::MalformedPath | SigError::MalformedQuery => ("InvalidURI", 400),
        SigError::Mismatch => ("SignatureDoesNotMatch", 403),
        SigError::UnknownAccessKey => ("InvalidAccessKeyId", 403),
        SigError::Expired(_)
        | SigError::HeadersNotSigned(_)
        | SigError::HostNotSigned
        | SigError::InvalidDate(_)
        | SigError::Missing
        | SigError::NotYetCurrent(_) => ("AccessDenied", 403),
    }
}

/// The text for the caller.
pub(super) fn message(error: &SigError) -> Cow<'static, str> {
    let text = match error {
        SigError::BothForms => {
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string \
             parameter or the Authorization header should be specified"
        }
        SigError::ContentSha256Invalid => {
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
             STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value."
        }
        SigError::ContentSha256Mismatch => {
            "The provided 'x-amz-content-sha256' header does not match what was computed."
        }
        SigError::ContentSha256Missing => "Missing required header for this request: x-amz-content-sha256",
        SigError::Expired(window) if window.presigned => "Request has expired",
        SigError::NotYetCurrent(window) if window.presigned => "Request is not yet valid",
        SigError::Expired(_) | SigError::NotYetCurrent(_) => {
            "The difference between the request time and the current time is too large."
        }
        SigError::ExpiredToken => "The provided token has expired.",
        SigError::Expires(problem) => return problem.to_string().into(),
        SigError::HeadersNotSigned(_) | SigError::HostNotSigned => {
            "There were headers present in the request which were not signed"
        }
        SigError::IncompleteHeader { missing, .. } if missing.contains(&"X-Amz-Date") => NO_DATE,
        SigError::IncompleteHeader { .. } | SigError::NotKeyValue { .. } | SigError::TooLong => {
            "The authorization header is malformed; the authorization header requires three components: Credential, \
             SignedHeaders, and Signature."
        }
        SigError::IncompleteQuery(_) => {
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, \
             X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        }
        SigError::Internal => "We encountered an internal error. Please try again.",
        SigError::InvalidDate(_) => NO_DATE,
        SigError::InvalidToken => "The provided token is malformed or otherwise invalid.",
        SigError::MalformedCredential(_) => {
            "The authorization header is malformed; the Credential is mal-formed; expecting \
             \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."
        }
        SigError::MalformedPath | SigError::MalformedQuery => "Couldn't parse the specified URI.",
        SigError::Mismatch => {
            "The request signature we calculated does not match the signature you provided. Check your key and \
             signing method."
        }
        SigError::Missing => "Access Denied",
        SigError::Scope(scope) => {
            return format!("The authorization header is malformed; {}", first_fault(scope)).into();
        }
        SigError::UnknownAccessKey => "The AWS Access Key Id you provided does not exist in our records.",
        SigError::UnsupportedAlgorithm(_) => {
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
        }
    };
    text.into()
}

const NO_DATE: &str = "AWS authentication requires a valid Date or x-amz-date header";

/// S3 names one fault, where others name all.
fn first_fault(scope: &ScopeMismatch) -> String {
    if let Some((got, date)) = &scope.day {
        let day = date.get(..8).unwrap_or_default();
        format!("Invalid credential date \"{got}\". This date is not the same as X-Amz-Date: \"{day}\".")
    } else if let Some((got, Some(expected))) = &scope.region {
        format!("the region '{got}' is wrong; expecting '{expected}'")
    } else if let Some((got, None)) = &scope.region {
        format!("the region '{got}' is wrong")
    } else if let Some((got, expected)) = &scope.service {
        format!("incorrect service \"{got}\". This endpoint belongs to \"{expected}\".")
    } else {
        let got = scope.terminator.as_deref().unwrap_or_default();
        format!("incorrect terminal \"{got}\". This endpoint uses \"aws4_request\".")
    }
}
