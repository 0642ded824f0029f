//! What a write or a deletion does to the versions of a key.
//!
//! The newest version stands in the object's own record, older ones behind it. Whoever changes the versions of a key
//! replaces that record, so that two changes of one key never pass each other unseen.
//!
//! Source: Amazon S3 User Guide, "How S3 Versioning works".

use garrison_kernel::Context;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::records::{self, Object, Time, Version, Versioning};
use crate::repo::{self, Located, layout};
use crate::resolve::ObjectTarget;
use crate::service::S3;
use crate::version_id;

/// Sequence numbers for each millisecond.
const PER_MILLISECOND: u64 = 4096;

/// Makes an object, or a delete marker, the newest version of its key.
///
/// # Errors
/// The store's.
pub(crate) async fn add(
    s3: &S3,
    cx: &Context,
    writes: &mut WriteSet,
    target: &ObjectTarget,
    object: Option<Object>,
) -> Result<Version, ApiError> {
    let (bucket, key) = (&target.bucket, &target.key);
    let now = u64::try_from(cx.time.as_millis()).unwrap_or_default().saturating_mul(PER_MILLISECOND);
    let behind = target.current.as_ref().map_or(0, |current| current.value.sequence + 1);
    let sequence = now.max(behind);
    let keeps = bucket.record.versioning == Versioning::Enabled;
    let id = keeps.then(|| version_id::new(sequence, s3.kernel().rng()));
    let version = Version { sequence, id, modified: Time(cx.time.truncated_to_seconds()), object };
    repo::require_bucket(writes, bucket);
    let place = layout::object(&bucket.name, key);
    match &target.current {
        None => {
            writes.create(place, records::encode(&version));
        }
        Some(current) => {
            if keeps || current.value.id.is_some() {
                let older = layout::version(&bucket.name, key, current.value.sequence);
                writes.create(older, records::encode(&current.value));
            } else {
                discard(cx, writes, &current.value);
            }
            writes.replace(place, current.revision, records::encode(&version));
        }
    }
    if bucket.record.versioning == Versioning::Suspended
        && target.current.as_ref().is_some_and(|current| current.value.id.is_some())
        && let Some(null) = s3.repo().older_null(&bucket.name, key).await?
    {
        discard(cx, writes, &null.value);
        writes.delete(null.key, null.revision);
    }
    Ok(version)
}

/// Deletes versions of a key for good; when the newest is among them, the newest of the others takes its place.
///
/// # Errors
/// The store's.
pub(crate) async fn remove(
    s3: &S3,
    cx: &Context,
    writes: &mut WriteSet,
    target: &ObjectTarget,
    versions: &[&Located<Version>],
) -> Result<(), ApiError> {
    let (bucket, key) = (&target.bucket, &target.key);
    repo::require_bucket(writes, bucket);
    let place = layout::object(&bucket.name, key);
    let mut newest = None;
    for version in versions {
        discard(cx, writes, &version.value);
        if version.key == place {
            newest = Some(version);
        } else {
            writes.delete(version.key.clone(), version.revision);
        }
    }
    let Some(newest) = newest else { return Ok(()) };
    let before = match bucket.record.versioning {
        Versioning::Never => None,
        Versioning::Enabled | Versioning::Suspended => {
            let leaving = |key: &garrison_store::Key| versions.iter().any(|version| version.key == *key);
            s3.repo().newest_older(&bucket.name, key, leaving).await?
        }
    };
    match before {
        Some(before) => {
            writes.delete(before.key, before.revision);
            writes.replace(place, newest.revision, records::encode(&before.value));
        }
        None => {
            writes.delete(place, newest.revision);
        }
    }
    Ok(())
}

/// Writes a version anew that only its description changed of.
pub(crate) fn update(
    writes: &mut WriteSet,
    target: &ObjectTarget,
    located: &Located<Version>,
    version: &Version,
) {
    repo::require_bucket(writes, &target.bucket);
    writes.replace(located.key.clone(), located.revision, records::encode(version));
}

fn discard(cx: &Context, writes: &mut WriteSet, version: &Version) {
    if let Some(object) = &version.object {
        repo::release(writes, cx.time, &object.parts);
    }
}
