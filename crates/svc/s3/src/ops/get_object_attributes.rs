//! `GetObjectAttributes`. Source: Amazon S3 API Reference, "GetObjectAttributes".
//!
//! Actions `s3:GetObject` and `s3:GetObjectAttributes` on the object, those of versions for one of its versions.

use garrison_api_s3::types::ObjectAttributes;
use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::checksum::{Algorithm, Checksum};
use crate::condition::RequestKeys;
use crate::records::{Object, Part};
use crate::resolve::ObjectTarget;
use crate::service::S3;
use crate::{error, head};

/// The most parts of a page.
const MAX_PARTS: i32 = 1000;

impl Handler<S3> for operations::GetObjectAttributes {
    const ACCESS: Access = Access::read("s3:GetObjectAttributes").on_data();
    type Target = ObjectTarget;

    async fn resolve(s3: &S3, cx: &Context, input: &Self::Input) -> Result<Resolved<ObjectTarget>, ApiError> {
        let name = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let actions = ("s3:GetObject", "s3:GetObjectVersion");
        let wanted = input.version_id.as_deref();
        let resolved = s3.resolve_object(cx, name, &input.key, wanted, actions).await?;
        let action =
            if wanted.is_some() { "s3:GetObjectVersionAttributes" } else { "s3:GetObjectAttributes" };
        let check = resolved.target.check(s3, cx).await?.action(action);
        Ok(resolved.and(check))
    }

    fn condition<'a>(
        _s3: &'a S3,
        _cx: &'a Context,
        _input: &'a Self::Input,
        target: &'a ObjectTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.condition(&RequestKeys::default(), key)
    }

    async fn execute(
        _s3: &S3,
        _cx: &Context,
        input: &Self::Input,
        target: &ObjectTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (version, object) = target.object()?;
        if input.object_attributes.is_empty()
            || input.object_attributes.iter().any(|wanted| matches!(wanted, ObjectAttributes::Unknown(_)))
        {
            return Err(error::invalid_argument("Invalid attribute name specified."));
        }
        let wants = |attribute| input.object_attributes.contains(&attribute);
        let class = object.about.storage_class.as_deref().unwrap_or("STANDARD");
        let parts = wants(ObjectAttributes::ObjectParts) && object.multipart;
        Ok(Reply::new(types::GetObjectAttributesOutput {
            last_modified: Some(version.modified.0),
            version_id: target.shown_version(version),
            e_tag: wants(ObjectAttributes::ETag).then(|| object.etag.clone()),
            checksum: wants(ObjectAttributes::Checksum).then(|| shown(&object.checksum)),
            object_parts: parts.then(|| page(input, object)),
            storage_class: wants(ObjectAttributes::StorageClass).then(|| class.into()),
            object_size: i64::try_from(object.size).ok().filter(|_| wants(ObjectAttributes::ObjectSize)),
            ..types::GetObjectAttributesOutput::default()
        }))
    }
}

fn shown(checksum: &Checksum) -> types::Checksum {
    types::Checksum {
        checksum_crc32: checksum.of(Algorithm::Crc32),
        checksum_crc32_c: checksum.of(Algorithm::Crc32c),
        checksum_crc64_nvme: checksum.of(Algorithm::Crc64Nvme),
        checksum_sha1: checksum.of(Algorithm::Sha1),
        checksum_sha256: checksum.of(Algorithm::Sha256),
        checksum_type: Some(head::shown_type(checksum)),
        ..types::Checksum::default()
    }
}

fn page(input: &types::GetObjectAttributesRequest, object: &Object) -> types::GetObjectAttributesParts {
    let most = input.max_parts.unwrap_or(MAX_PARTS).clamp(0, MAX_PARTS);
    let marker = input.part_number_marker.unwrap_or(0);
    let behind = |part: &&Part| i64::from(part.number) > i64::from(marker);
    let limit = usize::try_from(most).unwrap_or_default();
    let parts: Vec<_> = object.parts.iter().filter(behind).take(limit).collect();
    let last = parts.last().map_or(marker, |part| i32::try_from(part.number).unwrap_or_default());
    let truncated = object.parts.iter().filter(behind).count() > parts.len();
    // Parts are listed one by one only where each has a checksum of its own that callers can hold against it.
    let listed = object.checksum.composite.then(|| parts.iter().map(|part| shown_part(part)).collect());
    types::GetObjectAttributesParts {
        total_parts_count: i32::try_from(object.parts.len()).ok(),
        part_number_marker: Some(marker),
        next_part_number_marker: Some(last),
        max_parts: Some(most),
        is_truncated: Some(truncated),
        parts: listed,
    }
}

fn shown_part(part: &Part) -> types::ObjectPart {
    let of = |algorithm| part.checksum.as_ref().and_then(|checksum| checksum.of(algorithm));
    types::ObjectPart {
        part_number: i32::try_from(part.number).ok(),
        size: i64::try_from(part.size).ok(),
        checksum_crc32: of(Algorithm::Crc32),
        checksum_crc32_c: of(Algorithm::Crc32c),
        checksum_crc64_nvme: of(Algorithm::Crc64Nvme),
        checksum_sha1: of(Algorithm::Sha1),
        checksum_sha256: of(Algorithm::Sha256),
        ..types::ObjectPart::default()
    }
}
