//! `UploadPartCopy`. Source: Amazon S3 API Reference, "UploadPartCopy".
//!
//! Actions `s3:PutObject` on the object and `s3:GetObject` on the source, `s3:GetObjectVersion` for one of its versions.

use std::ops::Range;

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::checksum::Algorithm;
use crate::condition::RequestKeys;
use crate::conditional::Conditions;
use crate::multipart::{self, UploadTarget};
use crate::resolve::ObjectTarget;
use crate::service::S3;
use crate::{copy, error, etag};

/// The upload and the source of its part.
pub struct PartCopy {
    upload: UploadTarget,
    source: ObjectTarget,
}

impl Handler<S3> for operations::UploadPartCopy {
    const ACCESS: Access = Access::write("s3:PutObject").on_data();
    type Target = PartCopy;

    async fn resolve(s3: &S3, cx: &Context, input: &Self::Input) -> Result<Resolved<PartCopy>, ApiError> {
        let owner = input.expected_source_bucket_owner.as_deref();
        let (source, source_checks) = copy::source(s3, cx, &input.copy_source, owner).await?;
        let name = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let Resolved { target: upload, mut checks, resources } =
            s3.resolve_upload(cx, name, &input.key, &input.upload_id).await?;
        checks.extend(source_checks);
        Ok(Resolved { target: PartCopy { upload, source }, checks, resources })
    }

    fn condition<'a>(
        _s3: &'a S3,
        _cx: &'a Context,
        input: &'a Self::Input,
        target: &'a PartCopy,
        check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        if check > 0 {
            return target.source.condition(&RequestKeys::default(), key);
        }
        let request = RequestKeys { copy_source: Some(&input.copy_source), ..RequestKeys::default() };
        target.upload.object.condition(&request, key)
    }

    async fn execute(
        s3: &S3,
        cx: &Context,
        input: &Self::Input,
        target: &PartCopy,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let number = multipart::number(input.part_number)?;
        let upload = &target.upload.upload()?.value;
        if input.sse_customer_algorithm.is_some() || input.copy_source_sse_customer_algorithm.is_some() {
            return Err(error::not_built("Server-side encryption with customer keys (SSE-C) is not built."));
        }
        let (version, object) = copy::object(&target.source)?;
        let conditions = Conditions {
            if_match: input.copy_source_if_match.as_deref(),
            if_none_match: input.copy_source_if_none_match.as_deref(),
            if_modified_since: input.copy_source_if_modified_since,
            if_unmodified_since: input.copy_source_if_unmodified_since,
        };
        conditions.check_source(version, object)?;
        let range = range(input.copy_source_range.as_deref(), object.size)?;
        let own = &target.upload.object;
        let data_key = s3.data_key(cx, &own.bucket, &own.key, &upload.encryption).await?;
        let received = copy::bytes(s3, cx, &target.source, &range, &data_key, upload.algorithm).await?;
        let writes = target.upload.keep(s3, cx, number, &received).await?;
        let checksum = &received.checksum;
        let output = types::UploadPartCopyOutput {
            copy_source_version_id: target.source.shown_version(version),
            copy_part_result: Some(types::CopyPartResult {
                e_tag: Some(etag::quoted(&received.etag)),
                last_modified: Some(cx.time.truncated_to_seconds()),
                checksum_crc32: checksum.of(Algorithm::Crc32),
                checksum_crc32_c: checksum.of(Algorithm::Crc32c),
                checksum_crc64_nvme: checksum.of(Algorithm::Crc64Nvme),
                checksum_sha1: checksum.of(Algorithm::Sha1),
                checksum_sha256: checksum.of(Algorithm::Sha256),
                ..types::CopyPartResult::default()
            }),
            server_side_encryption: Some(upload.encryption.algorithm()),
            ssekms_key_id: upload.encryption.kms_key().map(Into::into),
            bucket_key_enabled: upload.encryption.bucket_key(),
            ..types::UploadPartCopyOutput::default()
        };
        Ok(Reply::with_writes(output, writes))
    }
}

/// Here a range has both its ends, and both lie in the source.
fn range(header: Option<&str>, size: u64) -> Result<Range<u64>, ApiError> {
    let Some(header) = header else { return Ok(0..size) };
    let ends = header.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
    let ends = ends.and_then(|(first, last)| Some((first.parse::<u64>().ok()?, last.parse::<u64>().ok()?)));
    let Some((first, last)) = ends.filter(|(first, last)| first <= last) else {
        return Err(error::invalid_argument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
        ));
    };
    if last >= size {
        return Err(error::invalid_argument(format!(
            "Range specified is not valid for source object of size: {size}"
        )));
    }
    Ok(first..last + 1)
}
