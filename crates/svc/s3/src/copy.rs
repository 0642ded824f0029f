//! What `CopyObject` and `UploadPartCopy` share: the source.

use std::ops::Range;

use garrison_crypto::LockedSecret;
use garrison_kernel::{Check, Context};
use garrison_schema::ApiError;

use crate::checksum::Algorithm;
use crate::records::{Object, Version};
use crate::resolve::ObjectTarget;
use crate::sealed::{self, MAX_SIZE, Piece, Received};
use crate::service::S3;
use crate::{error, tagging};

/// Finds the source that a header names: `bucket/key`, with escapes, `?versionId=…` behind it. Gives the questions about it:
/// whether it may be read, and, where it is not there, whether the caller may know that.
///
/// # Errors
/// `InvalidArgument` for another form; as [`S3::object`].
pub(crate) async fn source(
    s3: &S3,
    cx: &Context,
    header: &str,
    expected_owner: Option<&str>,
) -> Result<(ObjectTarget, Vec<Check>), ApiError> {
    let wrong = || error::invalid_argument("Invalid copy source object key");
    let (path, version) = match header.split_once("?versionId=") {
        Some((path, version)) => (path, Some(tagging::decoded(version).ok_or_else(wrong)?)),
        None => (header, None),
    };
    // A plus sign stands for itself in a path.
    let path = tagging::decoded(&path.replace('+', "%2B")).ok_or_else(wrong)?;
    let (bucket, key) = path
        .trim_start_matches('/')
        .split_once('/')
        .ok_or_else(|| error::invalid_argument("Invalid copy source bucket name"))?;
    let actions = ("s3:GetObject", "s3:GetObjectVersion");
    let name = (bucket, expected_owner);
    let resolved = s3.resolve_object(cx, name, key, version.as_deref(), actions).await?;
    Ok((resolved.target, resolved.checks))
}

/// The source, when it can be copied.
///
/// # Errors
/// Those of objects that are not there; `InvalidRequest` for a delete marker that is named.
pub(crate) fn object(source: &ObjectTarget) -> Result<(&Version, &Object), ApiError> {
    source.object().map_err(|error| match error.schema.name {
        "MethodNotAllowed" => error::invalid_request(
            "The source of a copy request may not specifically refer to a delete marker by version id.",
        ),
        _ => error,
    })
}

/// Copies bytes: they are opened under the source's data key and sealed under the new one, piece by piece.
///
/// # Errors
/// `InvalidRequest` for too many; the store or the blob store failed.
pub(crate) async fn bytes(
    s3: &S3,
    cx: &Context,
    source: &ObjectTarget,
    range: &Range<u64>,
    data_key: &LockedSecret,
    algorithm: Algorithm,
) -> Result<Received, ApiError> {
    if range.end - range.start > MAX_SIZE {
        return Err(error::invalid_request(format!(
            "The specified copy source is larger than the maximum allowable size for a copy source: {MAX_SIZE}"
        )));
    }
    let (_, object) = object(source)?;
    let own_key = s3.data_key(cx, &source.bucket, &source.key, &object.encryption).await?;
    let body = sealed::open(s3, own_key, Piece::of(&object.parts, range)).await?;
    let stream = body.take().ok_or_else(error::incomplete_body)?;
    sealed::receive(s3, cx, stream, data_key, algorithm, None).await
}
