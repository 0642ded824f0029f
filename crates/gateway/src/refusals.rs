//! The front door's own refusals of requests to REST services, in S3's names and words.
//!
//! Source: Amazon S3 API Reference, "Error responses".

use garrison_schema::{ApiError, ErrorSchema};
use garrison_sigv4::ChunkError;

const fn schema(name: &'static str, http_status: u16) -> ErrorSchema {
    ErrorSchema { name, query_code: None, http_status, sender_fault: http_status < 500 }
}

static BAD_DIGEST: ErrorSchema = schema("BadDigest", 400);
static CONTENT_SHA256_MISMATCH: ErrorSchema = schema("XAmzContentSHA256Mismatch", 400);
static ENTITY_TOO_LARGE: ErrorSchema = schema("EntityTooLarge", 400);
static INCOMPLETE_BODY: ErrorSchema = schema("IncompleteBody", 400);
static INVALID_DIGEST: ErrorSchema = schema("InvalidDigest", 400);
static INVALID_REQUEST: ErrorSchema = schema("InvalidRequest", 400);
static MALFORMED_TRAILER: ErrorSchema = schema("MalformedTrailerError", 400);
static MISSING_LENGTH: ErrorSchema = schema("MissingContentLength", 411);
static NOT_BUILT: ErrorSchema = schema("NotImplemented", 501);
static REQUEST_TIMEOUT: ErrorSchema = schema("RequestTimeout", 400);
static CHUNKS: [ErrorSchema; 3] = [
    schema("InvalidChunkSizeError", 403),
    schema("SignatureDoesNotMatch", 403),
    schema("InternalError", 500),
];

pub(crate) fn bad_digest(stated: &str, computed: &str) -> ApiError {
    ApiError::new(&BAD_DIGEST, format!("The {stated} you specified did not match {computed}."))
}

pub(crate) fn content_sha256_mismatch() -> ApiError {
    ApiError::new(
        &CONTENT_SHA256_MISMATCH,
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    )
}

pub(crate) fn entity_too_large() -> ApiError {
    ApiError::new(&ENTITY_TOO_LARGE, "Your proposed upload exceeds the maximum allowed size")
}

pub(crate) fn incomplete_body() -> ApiError {
    ApiError::new(&INCOMPLETE_BODY, ChunkError::Incomplete.to_string())
}

pub(crate) fn invalid_digest() -> ApiError {
    ApiError::new(&INVALID_DIGEST, "The Content-MD5 you specified was invalid.")
}

pub(crate) fn invalid_request(message: impl Into<String>) -> ApiError {
    ApiError::new(&INVALID_REQUEST, message)
}

pub(crate) fn malformed_trailer() -> ApiError {
    ApiError::new(&MALFORMED_TRAILER, ChunkError::MalformedTrailer.to_string())
}

pub(crate) fn missing_length() -> ApiError {
    ApiError::new(&MISSING_LENGTH, "You must provide the Content-Length HTTP header.")
}

pub(crate) fn not_built(message: impl Into<String>) -> ApiError {
    ApiError::new(&NOT_BUILT, message)
}

pub(crate) fn request_timeout() -> ApiError {
    ApiError::new(
        &REQUEST_TIMEOUT,
        "Your socket connection to the server was not read from or written to within the timeout period. Idle \
         connections will be closed.",
    )
}

/// What is wrong with an `aws-chunked` body.
pub(crate) fn chunk(error: ChunkError) -> ApiError {
    match error {
        ChunkError::Incomplete => incomplete_body(),
        ChunkError::MalformedChunk => ApiError::new(&INCOMPLETE_BODY, error.to_string()),
        ChunkError::MalformedTrailer => malformed_trailer(),
        ChunkError::Internal | ChunkError::SignatureMismatch | ChunkError::TooSmall => {
            match CHUNKS.iter().find(|schema| schema.name == error.code()) {
                Some(schema) => ApiError::new(schema, error.to_string()),
                None => garrison_kernel::errors::internal(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_broken_chunk_has_its_code_and_status() {
        for error in [
            ChunkError::Incomplete,
            ChunkError::Internal,
            ChunkError::MalformedChunk,
            ChunkError::MalformedTrailer,
            ChunkError::SignatureMismatch,
            ChunkError::TooSmall,
        ] {
            let answer = chunk(error);
            assert_eq!((answer.schema.name, answer.schema.http_status), (error.code(), error.status()));
        }
    }
}
