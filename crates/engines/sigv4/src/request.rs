//! The parts of a request that a signature covers.

use aws_lc_rs::digest;

use crate::hex;

/// A request as it came off the wire, borrowed.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// For example `POST`, in the case it was sent in.
    pub method: &'a str,
    /// The path as sent, still percent-encoded; empty means `/`.
    pub path: &'a str,
    /// The query as sent, still percent-encoded, without the question mark.
    pub query: &'a str,
    /// All headers in the order they were sent; names in any case. On HTTP/2 the authority stands here as `host` or
    /// `:authority`.
    pub headers: &'a [(&'a str, &'a [u8])],
}

impl<'a> Request<'a> {
    /// The first value of the header `name` (lower-case).
    pub(crate) fn header(&self, name: &str) -> Option<&'a [u8]> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }
}

/// The body of a request, as far as the verifier needs it.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// The whole body; it is hashed here.
    Bytes(&'a [u8]),
    /// The body was hashed elsewhere.
    Sha256([u8; 32]),
    /// The body is still to come. Only a request that states its payload in `x-amz-content-sha256` can be verified
    /// like this; [`crate::Verified`] then says what to do with the body.
    Later,
}

/// What a request says of its payload, in `x-amz-content-sha256` or by being what it is.
///
/// Source: S3 API Reference, "Authenticating Requests: Using the Authorization Header".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// Nothing: the signature covers the SHA-256 of the body that is there.
    Unstated,
    /// The body's SHA-256.
    Sha256([u8; 32]),
    /// `UNSIGNED-PAYLOAD`: the signature does not cover the body.
    Unsigned,
    /// The body is `aws-chunked`.
    Streaming(Streaming),
}

/// The three forms of an `aws-chunked` body that Signature Version 4 knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Streaming {
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`: every chunk is signed.
    Signed,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`: every chunk and the trailer are signed.
    SignedTrailer,
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: chunks and trailer are not signed.
    UnsignedTrailer,
}

impl Payload {
    /// The payload that `body` is.
    pub fn of(body: &[u8]) -> Self {
        Self::Sha256(sha256(body))
    }

    /// Reads `x-amz-content-sha256`; `None` when the value is none of AWS's.
    pub fn parse(value: &[u8]) -> Option<Self> {
        match value {
            b"UNSIGNED-PAYLOAD" => Some(Self::Unsigned),
            b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Some(Self::Streaming(Streaming::Signed)),
            b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => Some(Self::Streaming(Streaming::SignedTrailer)),
            b"STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Some(Self::Streaming(Streaming::UnsignedTrailer)),
            digits => hex::decode(digits).map(Self::Sha256),
        }
    }

    /// Appends the last line of the canonical request; `None` when the payload is unstated.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Option<()> {
        match self {
            Self::Unstated => return None,
            Self::Sha256(hash) => out.extend_from_slice(&hex::encode(hash)),
            Self::Unsigned => out.extend_from_slice(b"UNSIGNED-PAYLOAD"),
            Self::Streaming(streaming) => out.extend_from_slice(streaming.as_str().as_bytes()),
        }
        Some(())
    }
}

impl Streaming {
    /// The value of `x-amz-content-sha256`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signed => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            Self::SignedTrailer => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            Self::UnsignedTrailer => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        }
    }
}

/// The SHA-256 of `bytes` (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, bytes);
    // A SHA-256 digest is always 32 bytes, so the fallback is never taken.
    digest.as_ref().try_into().unwrap_or_default()
}

/// Whether the service canonicalizes requests as Amazon S3 does: the path is encoded once and taken as it stands.
pub(crate) fn is_s3(service: &str) -> bool {
    matches!(service, "s3" | "s3-object-lambda" | "s3-outposts" | "s3express")
}
