//! Refused signatures as each family of services words them.

use garrison_schema::{ApiError, ErrorSchema, Protocol, ServiceSchema};
use garrison_sigv4::{ErrorFamily, SigError};

/// How the service names its errors.
pub(crate) fn family(service: &ServiceSchema) -> ErrorFamily {
    match service.protocols.first() {
        Some(Protocol::RestXml) if service.signing_name == "s3" => ErrorFamily::S3,
        Some(Protocol::Query | Protocol::Ec2 | Protocol::RestXml) => ErrorFamily::Query,
        Some(Protocol::RestJson) => ErrorFamily::RestJson,
        Some(Protocol::Json10 | Protocol::Json11 | Protocol::RpcV2Cbor) | None => ErrorFamily::Json,
    }
}

const fn schema(name: &'static str, http_status: u16) -> ErrorSchema {
    ErrorSchema { name, query_code: None, http_status, sender_fault: http_status < 500 }
}

/// The errors of every family.
static SCHEMAS: [ErrorSchema; 30] = [
    schema("AccessDenied", 403),
    schema("AuthorizationHeaderMalformed", 400),
    schema("AuthorizationQueryParametersError", 400),
    schema("ExpiredToken", 400),
    schema("ExpiredToken", 403),
    schema("ExpiredTokenException", 400),
    schema("ExpiredTokenException", 403),
    schema("IncompleteSignature", 400),
    schema("IncompleteSignatureException", 400),
    schema("IncompleteSignatureException", 403),
    schema("InternalError", 500),
    schema("InternalFailure", 500),
    schema("InvalidAccessKeyId", 403),
    schema("InvalidArgument", 400),
    schema("InvalidClientTokenId", 403),
    schema("InvalidRequest", 400),
    schema("InvalidSignatureException", 400),
    schema("InvalidSignatureException", 403),
    schema("InvalidToken", 400),
    schema("InvalidURI", 400),
    schema("MalformedQueryString", 404),
    schema("MissingAuthenticationToken", 403),
    schema("MissingAuthenticationTokenException", 400),
    schema("MissingAuthenticationTokenException", 403),
    schema("RequestTimeTooSkewed", 403),
    schema("SignatureDoesNotMatch", 403),
    schema("UnrecognizedClientException", 400),
    schema("UnrecognizedClientException", 403),
    schema("XAmzContentSHA256Mismatch", 400),
    schema("XAmzContentSHA256Mismatch", 403),
];

/// The error for the caller.
pub(crate) fn api_error(error: &SigError, family: ErrorFamily) -> ApiError {
    let (code, status) = (error.code(family), error.status(family));
    match SCHEMAS.iter().find(|schema| schema.name == code && schema.http_status == status) {
        Some(schema) => ApiError::new(schema, error.message(family)),
        None => garrison_kernel::errors::internal(format!("no error shape for {code} with status {status}")),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use garrison_sigv4::{ExpiresProblem, TimeWindow};
    use garrison_types::Timestamp;

    use super::*;

    #[test]
    fn every_signature_error_has_a_shape() {
        let now = Timestamp::from_seconds(0);
        let window = |presigned| TimeWindow { signed: now, now, allowed: Duration::ZERO, presigned };
        let errors = [
            SigError::BothForms,
            SigError::ContentSha256Invalid,
            SigError::ContentSha256Mismatch,
            SigError::ContentSha256Missing,
            SigError::Expired(window(false)),
            SigError::Expired(window(true)),
            SigError::ExpiredToken,
            SigError::Expires(ExpiresProblem::TooLarge),
            SigError::HeadersNotSigned(vec![]),
            SigError::HostNotSigned,
            SigError::IncompleteHeader { missing: vec!["Credential"], authorization_sha256: String::new() },
            SigError::IncompleteHeader { missing: vec!["X-Amz-Date"], authorization_sha256: String::new() },
            SigError::IncompleteQuery(vec![]),
            SigError::Internal,
            SigError::InvalidDate(String::new()),
            SigError::InvalidToken,
            SigError::MalformedCredential(String::new()),
            SigError::MalformedPath,
            SigError::MalformedQuery,
            SigError::Mismatch,
            SigError::Missing,
            SigError::NotKeyValue { authorization_sha256: String::new() },
            SigError::NotYetCurrent(window(false)),
            SigError::Scope(Box::default()),
            SigError::TooLong,
            SigError::UnknownAccessKey,
            SigError::UnsupportedAlgorithm(String::new()),
        ];
        for family in [ErrorFamily::Json, ErrorFamily::RestJson, ErrorFamily::Query, ErrorFamily::S3] {
            for error in &errors {
                let answer = api_error(error, family);
                assert_eq!(answer.schema.name, error.code(family));
                assert_eq!(answer.schema.http_status, error.status(family), "{error:?} {family:?}");
            }
        }
    }
}
