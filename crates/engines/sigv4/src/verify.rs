//! Checking a signature.

use std::time::Duration;

use aws_lc_rs::constant_time;
use garrison_types::{Region, Timestamp};

use crate::SigError;
use crate::canonical::{self, SignedHeaders};
use crate::chunked::ChunkSeed;
use crate::error::{ScopeMismatch, TimeWindow};
use crate::hex;
use crate::key::SigningKey;
use crate::parse::{ALGORITHM, Authentication, Form, Scope};
use crate::request::{Body, Payload, Request, is_s3, sha256};
use crate::time::AmzDate;

/// How far a request's date may lie from the present. Source: IAM User Guide, "Troubleshoot Signature Version 4".
const SKEW: Duration = Duration::from_secs(15 * 60);

/// What a signature must be for.
#[derive(Debug, Clone, Copy)]
pub struct Expect<'a> {
    /// The service that the request goes to, for example `kms`.
    pub service: &'a str,
    /// The region that it must be signed for; `None` accepts every region.
    pub region: Option<&'a str>,
}

/// A signature whose time and scope are right; what is left is to verify it with its key.
#[derive(Debug, Clone)]
pub struct Checked<'a> {
    authentication: Authentication<'a>,
    region: Region,
}

/// The signature is right. What the body's share in it is:
#[derive(Debug)]
pub enum Verified {
    /// The body was there and belongs to the signature.
    Complete,
    /// The body is still to come, and its SHA-256 must be this.
    Sha256(
        /// The SHA-256 that was signed.
        [u8; 32],
    ),
    /// The signature does not cover the body: the signer said `UNSIGNED-PAYLOAD`.
    UnsignedBody,
    /// The body is `aws-chunked`: decode it with [`crate::ChunkedDecoder`].
    Chunked(ChunkSeed),
}

impl<'a> Authentication<'a> {
    /// Checks the time, the scope and that all headers are signed that must be.
    ///
    /// `now` is protocol time. A signature in the header holds for 15 minutes either way. A presigned request holds for
    /// `X-Amz-Expires`; one for STS always for 15 minutes, since STS ignores that parameter (signers of cluster tokens
    /// set it to 60 and count on 15 minutes).
    ///
    /// # Errors
    /// [`SigError::Expired`], [`SigError::NotYetCurrent`], [`SigError::HeadersNotSigned`], [`SigError::Scope`].
    pub fn check(self, now: Timestamp, expect: &Expect<'_>) -> Result<Checked<'a>, SigError> {
        self.check_time(now)?;
        self.check_signed_headers()?;
        let region = self.check_scope(expect)?;
        if self.form == Form::Header && self.payload == Payload::Unstated && is_s3(&self.scope.service) {
            return Err(SigError::ContentSha256Missing);
        }
        Ok(Checked { authentication: self, region })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), SigError> {
        let (lifetime, presigned) = match self.form {
            Form::Presigned { expires: Some(seconds) } if self.scope.service != "sts" => {
                (Duration::from_secs(seconds.into()), true)
            }
            Form::Presigned { .. } => (SKEW, true),
            Form::Header => (SKEW, false),
        };
        let signed = self.date.time();
        let window = |allowed| TimeWindow { signed, now, allowed, presigned };
        if signed + lifetime < now {
            Err(SigError::Expired(window(lifetime)))
        } else if now + SKEW < signed {
            Err(SigError::NotYetCurrent(window(SKEW)))
        } else {
            Ok(())
        }
    }

    /// Every `x-amz-` header must be signed. Source: IAM User Guide, "Create a signed AWS API request", step 1.
    fn check_signed_headers(&self) -> Result<(), SigError> {
        let presigned = self.form != Form::Header;
        let mut unsigned = Vec::new();
        for (name, _) in self.request.headers {
            let amz = name.get(..6).is_some_and(|prefix| prefix.eq_ignore_ascii_case("x-amz-"));
            if amz && !self.signed_headers.contains(name) {
                let name = name.to_ascii_lowercase();
                // A presigned request's payload counts only as far as it is signed, so this one changes nothing.
                if !(presigned && name == "x-amz-content-sha256") {
                    unsigned.push(name);
                }
            }
        }
        if unsigned.is_empty() { Ok(()) } else { Err(SigError::HeadersNotSigned(unsigned)) }
    }

    /// Reports all that is wrong at once, as AWS does.
    fn check_scope(&self, expect: &Expect<'_>) -> Result<Region, SigError> {
        let Scope { day, region, service, terminator } = &self.scope;
        let mut wrong = ScopeMismatch::default();
        let parsed = region.parse::<Region>().ok();
        if parsed.is_none() || expect.region.is_some_and(|expected| expected != region) {
            wrong.region = Some((region.to_string(), expect.region.map(str::to_owned)));
        }
        if service != expect.service {
            wrong.service = Some((service.to_string(), expect.service.to_owned()));
        }
        if terminator != "aws4_request" {
            wrong.terminator = Some(terminator.to_string());
        }
        if day != self.date.day() {
            wrong.day = Some((day.to_string(), self.date.as_str().to_owned()));
        }
        match parsed {
            Some(region) if wrong.is_empty() => Ok(region),
            _ => Err(SigError::Scope(Box::new(wrong))),
        }
    }
}

impl<'a> Checked<'a> {
    /// The signature that was checked.
    pub fn authentication(&self) -> &Authentication<'a> {
        &self.authentication
    }

    /// The region that the request is signed for.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Computes the signature with `key`, which must be the one for this scope, and compares it in constant time.
    ///
    /// # Errors
    /// [`SigError::Mismatch`] when the signature is another one, a signed header is not there, or the body has another
    /// hash than was signed (S3: [`SigError::ContentSha256Mismatch`]); [`SigError::ContentSha256Missing`] when the body
    /// is [`Body::Later`] and the request does not state its hash; [`SigError::MalformedQuery`],
    /// [`SigError::MalformedPath`].
    pub fn verify(&self, body: Body<'_>, key: &SigningKey) -> Result<Verified, SigError> {
        let auth = &self.authentication;
        let actual = match (body, auth.payload) {
            (_, Payload::Unsigned | Payload::Streaming(_)) | (Body::Later, _) => None,
            (Body::Bytes(bytes), _) => Some(sha256(bytes)),
            (Body::Sha256(hash), _) => Some(hash),
        };
        let payload = match (auth.payload, actual) {
            (Payload::Unstated, Some(hash)) => Payload::Sha256(hash),
            (stated, _) => stated,
        };
        let presigned = auth.form != Form::Header;
        let signature =
            compute(&auth.request, &auth.signed_headers, &payload, presigned, &auth.date, &auth.scope, key)?;
        constant_time::verify_slices_are_equal(&signature, auth.signature.as_bytes())
            .map_err(|_| SigError::Mismatch)?;
        match (payload, actual) {
            (Payload::Sha256(stated), Some(hash)) if stated == hash => Ok(Verified::Complete),
            (Payload::Sha256(_), Some(_)) if is_s3(&auth.scope.service) => {
                Err(SigError::ContentSha256Mismatch)
            }
            (Payload::Sha256(_), Some(_)) => Err(SigError::Mismatch),
            (Payload::Sha256(stated), None) => Ok(Verified::Sha256(stated)),
            (Payload::Unsigned, _) => Ok(Verified::UnsignedBody),
            (Payload::Streaming(form), _) => {
                Ok(Verified::Chunked(ChunkSeed::new(form, auth.date, &auth.scope, signature)))
            }
            (Payload::Unstated, _) => Err(SigError::ContentSha256Missing),
        }
    }
}

/// The signature of `request`, as its 64 hexadecimal digits.
pub(crate) fn compute(
    request: &Request<'_>,
    signed_headers: &SignedHeaders<'_>,
    payload: &Payload,
    presigned: bool,
    date: &AmzDate,
    scope: &Scope<'_>,
    key: &SigningKey,
) -> Result<[u8; 64], SigError> {
    let size: usize = request.headers.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    let mut buffer = Vec::with_capacity(size + request.path.len() + request.query.len() + 256);
    let s3 = is_s3(&scope.service);
    canonical::write_request(&mut buffer, request, signed_headers, payload, s3, presigned)?;
    let hash = hex::encode(&sha256(&buffer));
    buffer.clear();
    write_string_to_sign(&mut buffer, ALGORITHM, date, scope);
    buffer.extend_from_slice(&hash);
    Ok(hex::encode(&key.sign(&buffer)?))
}

/// Appends algorithm, date and credential scope, each with its line end.
pub(crate) fn write_string_to_sign(out: &mut Vec<u8>, algorithm: &str, date: &AmzDate, scope: &Scope<'_>) {
    for part in [
        algorithm,
        "\n",
        date.as_str(),
        "\n",
        &scope.day,
        "/",
        &scope.region,
        "/",
        &scope.service,
        "/aws4_request\n",
    ] {
        out.extend_from_slice(part.as_bytes());
    }
}
