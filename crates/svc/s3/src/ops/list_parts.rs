//! `ListParts`. Source: Amazon S3 API Reference, "ListParts".
//!
//! Action `s3:ListMultipartUploadParts` on the object.

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::checksum::Algorithm;
use crate::condition::RequestKeys;
use crate::multipart::{self, UploadTarget};
use crate::records::Part;
use crate::service::S3;
use crate::{etag, listing, owner};

impl Handler<S3> for operations::ListParts {
    const ACCESS: Access = Access::read("s3:ListMultipartUploadParts").on_data();
    type Target = UploadTarget;

    async fn resolve(s3: &S3, cx: &Context, input: &Self::Input) -> Result<Resolved<UploadTarget>, ApiError> {
        let name = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        s3.resolve_upload(cx, name, &input.key, &input.upload_id).await
    }

    fn condition<'a>(
        _s3: &'a S3,
        _cx: &'a Context,
        _input: &'a Self::Input,
        target: &'a UploadTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.object.condition(&RequestKeys::default(), key)
    }

    async fn execute(
        s3: &S3,
        _cx: &Context,
        input: &Self::Input,
        target: &UploadTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let upload = &target.upload()?.value;
        let (limit, max_parts) = listing::limit(input.max_parts, "max-parts")?;
        let marker = input.part_number_marker.unwrap_or(0);
        let (parts, _) = target.parts(s3).await?;
        let behind: Vec<&Part> = parts
            .iter()
            .map(|part| &part.value)
            .filter(|part| i64::from(part.number) > i64::from(marker))
            .collect();
        let page = behind.get(..limit.min(behind.len())).unwrap_or_default();
        let last = page.last().and_then(|part| i32::try_from(part.number).ok());
        let (bucket, key) = (&target.object.bucket, &target.object.key);
        let class = upload.about.storage_class.as_deref().unwrap_or("STANDARD");
        Ok(Reply::new(types::ListPartsOutput {
            bucket: Some(bucket.name.clone()),
            key: Some(key.clone()),
            upload_id: Some(target.id.clone()),
            part_number_marker: Some(marker),
            next_part_number_marker: last,
            max_parts: Some(max_parts),
            is_truncated: Some(limit > 0 && behind.len() > page.len()),
            parts: Some(page.iter().map(|part| shown(part)).collect())
                .filter(|parts: &Vec<_>| !parts.is_empty()),
            initiator: Some(multipart::initiator(&upload.initiator)),
            owner: Some(owner::owner(bucket.account())),
            storage_class: Some(class.into()),
            checksum_algorithm: upload.asked.then(|| upload.algorithm.name().into()),
            checksum_type: upload
                .asked
                .then(|| if upload.full_object { "FULL_OBJECT" } else { "COMPOSITE" }.into()),
            ..types::ListPartsOutput::default()
        }))
    }
}

fn shown(part: &Part) -> types::Part {
    let of = |algorithm| part.checksum.as_ref().and_then(|checksum| checksum.of(algorithm));
    types::Part {
        part_number: i32::try_from(part.number).ok(),
        last_modified: Some(part.modified.0),
        e_tag: Some(etag::quoted(&part.etag)),
        size: i64::try_from(part.size).ok(),
        checksum_crc32: of(Algorithm::Crc32),
        checksum_crc32_c: of(Algorithm::Crc32c),
        checksum_crc64_nvme: of(Algorithm::Crc64Nvme),
        checksum_sha1: of(Algorithm::Sha1),
        checksum_sha256: of(Algorithm::Sha256),
        ..types::Part::default()
    }
}
