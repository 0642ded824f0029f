//! What `PutObject` and `UploadPart` share: a body with the digests that its sender claims.

use bytes::Bytes;
use garrison_api_s3::types::ChecksumAlgorithm;
use garrison_crypto::LockedSecret;
use garrison_kernel::Context;
use garrison_schema::{ApiError, ByteStream};

use crate::checksum::{self, Algorithm, Checksum};
use crate::error;
use crate::etag;
use crate::sealed::{self, Received};
use crate::service::S3;

/// What a request claims of its body.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    /// `Content-MD5`, as hexadecimal digits.
    md5: Option<String>,
    /// The checksum that came with the request.
    checksum: Option<Checksum>,
    /// The algorithm that was named, of which the checksum may follow the body: then who made the stream has verified it.
    algorithm: Option<Algorithm>,
    length: Option<u64>,
}

/// Reads the claims of any of the inputs that have these members.
macro_rules! claims {
    ($input:expr) => {
        $crate::upload::Claims::new(
            $input.content_md5.as_deref(),
            $input.checksum_algorithm.as_ref(),
            &$crate::upload::checksums!($input),
            $input.content_length,
        )
    };
}
pub(crate) use claims;

/// The checksums of any of the inputs that have these members, with the names of those that are not built.
macro_rules! checksums {
    ($input:expr) => {
        [
            ("CRC32", $input.checksum_crc32.as_deref()),
            ("CRC32C", $input.checksum_crc32_c.as_deref()),
            ("CRC64NVME", $input.checksum_crc64_nvme.as_deref()),
            ("SHA1", $input.checksum_sha1.as_deref()),
            ("SHA256", $input.checksum_sha256.as_deref()),
            ("SHA512", $input.checksum_sha512.as_deref()),
            ("MD5", $input.checksum_md5.as_deref()),
            ("XXHASH64", $input.checksum_xxhash64.as_deref()),
            ("XXHASH3", $input.checksum_xxhash3.as_deref()),
            ("XXHASH128", $input.checksum_xxhash128.as_deref()),
        ]
    };
}
pub(crate) use checksums;

/// The one checksum of a request.
///
/// # Errors
/// `InvalidRequest` for several, or for one that cannot be a value; `NotImplemented`.
pub(crate) fn one_checksum(given: &[(&str, Option<&str>)]) -> Result<Option<Checksum>, ApiError> {
    let mut found = None;
    for (name, value) in given {
        let Some(value) = value else { continue };
        let algorithm = Algorithm::parse(name)?;
        if found.is_some() {
            return Err(error::invalid_request(
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
            ));
        }
        let (digest, composite) = match value.rsplit_once('-') {
            Some((digest, count)) if count.parse::<u32>().is_ok() => (digest, true),
            _ => (*value, false),
        };
        if !checksum::is_value(algorithm, digest) {
            let header = name.to_lowercase();
            return Err(error::invalid_request(format!(
                "Value for x-amz-checksum-{header} header is invalid."
            )));
        }
        found = Some(Checksum { algorithm, value: (*value).to_owned(), composite });
    }
    Ok(found)
}

impl Claims {
    /// Reads them.
    ///
    /// # Errors
    /// `InvalidDigest`, `InvalidRequest`, `NotImplemented`.
    pub(crate) fn new(
        md5: Option<&str>,
        algorithm: Option<&ChecksumAlgorithm>,
        checksums: &[(&str, Option<&str>)],
        length: Option<i64>,
    ) -> Result<Self, ApiError> {
        let checksum = one_checksum(checksums)?;
        let algorithm = match (&checksum, algorithm) {
            (Some(checksum), _) => Some(checksum.algorithm),
            (None, Some(algorithm)) => Some(Algorithm::parse(algorithm.as_str())?),
            (None, None) => None,
        };
        let md5 = md5.map(|md5| {
            let bytes = base64_simd::STANDARD.decode_to_vec(md5).ok().filter(|bytes| bytes.len() == 16);
            bytes.map(|bytes| etag::hex(&bytes)).ok_or_else(error::invalid_digest)
        });
        let length = length.and_then(|length| u64::try_from(length).ok());
        Ok(Self { md5: md5.transpose()?, checksum, algorithm, length })
    }

    /// The algorithm that the request names.
    pub(crate) fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    fn check(&self, received: &Received) -> Result<(), ApiError> {
        if self.length.is_some_and(|length| length != received.size) {
            return Err(error::incomplete_body());
        }
        if self.md5.as_ref().is_some_and(|md5| *md5 != received.etag) {
            return Err(error::bad_digest());
        }
        match &self.checksum {
            Some(claimed) if *claimed != received.checksum && received.other.as_ref() != Some(claimed) => {
                let name = claimed.algorithm.name();
                Err(error::bad_checksum(format!(
                    "The {name} you specified did not match the calculated checksum."
                )))
            }
            _ => Ok(()),
        }
    }
}

/// Receives a body and holds it against the claims.
///
/// # Errors
/// The stream's own; `IncompleteBody`, `BadDigest`, `EntityTooLarge`; the store or the blob store failed.
pub(crate) async fn receive(
    s3: &S3,
    cx: &Context,
    body: Option<&ByteStream>,
    claims: &Claims,
    data_key: &LockedSecret,
    algorithm: Algorithm,
) -> Result<Received, ApiError> {
    let none = ByteStream::from(Bytes::new());
    let body = body.unwrap_or(&none);
    if body.length().is_some_and(|length| length > sealed::MAX_SIZE) {
        return Err(error::entity_too_large());
    }
    let stream = body.take().ok_or_else(error::incomplete_body)?;
    let received = sealed::receive(s3, cx, stream, data_key, algorithm, claims.algorithm).await?;
    claims.check(&received)?;
    Ok(received)
}
