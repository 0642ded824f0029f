//! What `DeleteObject` and `DeleteObjects` share.

use garrison_kernel::Context;
use garrison_schema::ApiError;
use garrison_store::WriteSet;
use garrison_types::Timestamp;

use crate::records::Versioning;
use crate::resolve::ObjectTarget;
use crate::service::S3;
use crate::{error, etag, versions};

/// Conditions of a deletion.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Conditions<'a> {
    pub(crate) etag: Option<&'a str>,
    pub(crate) modified: Option<Timestamp>,
    pub(crate) size: Option<i64>,
}

/// What a deletion did.
#[derive(Debug, Default)]
pub(crate) struct Deletion {
    /// It made or removed a delete marker.
    pub(crate) marker: bool,
    /// The version that it made or removed.
    pub(crate) version: Option<String>,
}

/// Deletes a version for good, or, where versions are kept and none is named, hides the object behind a delete marker.
/// What is not there is no error.
///
/// # Errors
/// `PreconditionFailed`; the store's.
pub(crate) async fn delete(
    s3: &S3,
    cx: &Context,
    writes: &mut WriteSet,
    target: &ObjectTarget,
    conditions: &Conditions<'_>,
) -> Result<Deletion, ApiError> {
    check(target, conditions)?;
    let keeps = target.bucket.record.versioning != Versioning::Never;
    if target.wanted.is_none() && keeps {
        let version = versions::add(s3, cx, writes, target, None).await?;
        return Ok(Deletion { marker: true, version: Some(version.shown_id().to_owned()) });
    }
    let shown = target.wanted.clone();
    let Some(version) = target.version() else {
        return Ok(Deletion { marker: false, version: shown });
    };
    versions::remove(s3, cx, writes, target, &[version]).await?;
    Ok(Deletion { marker: version.value.object.is_none(), version: shown })
}

/// Refuses a deletion whose conditions do not hold.
///
/// # Errors
/// `PreconditionFailed`, `NoSuchKey`.
pub(crate) fn check(target: &ObjectTarget, conditions: &Conditions<'_>) -> Result<(), ApiError> {
    let Conditions { etag, modified, size } = conditions;
    if etag.is_none() && modified.is_none() && size.is_none() {
        return Ok(());
    }
    let Some(version) = target.version() else { return Err(error::no_such_key()) };
    let Some(object) = &version.value.object else { return Err(error::no_such_key()) };
    let holds = etag.is_none_or(|etag| etag::matches(etag, &object.etag))
        && modified.is_none_or(|modified| modified == version.value.modified.0)
        && size.is_none_or(|size| u64::try_from(size) == Ok(object.size));
    if holds { Ok(()) } else { Err(error::precondition_failed()) }
}
