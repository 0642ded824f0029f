//! `CompleteMultipartUpload`. Source: Amazon S3 API Reference, "CompleteMultipartUpload".
//!
//! Action `s3:PutObject` on the object, which becomes the list of its parts: nothing is copied.

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::checksum::{self, Algorithm, Checksum};
use crate::condition::RequestKeys;
use crate::multipart::{self, UploadTarget};
use crate::records::{Object, Part, Upload};
use crate::service::S3;
use crate::upload::{checksums, one_checksum};
use crate::{conditional, error, etag, head, repo, versions};

impl Handler<S3> for operations::CompleteMultipartUpload {
    const ACCESS: Access = Access::write("s3:PutObject").omitting_request(&["MultipartUpload"]).on_data();
    type Target = UploadTarget;

    async fn resolve(s3: &S3, cx: &Context, input: &Self::Input) -> Result<Resolved<UploadTarget>, ApiError> {
        let name = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        s3.resolve_upload(cx, name, &input.key, &input.upload_id).await
    }

    fn condition<'a>(
        _s3: &'a S3,
        _cx: &'a Context,
        input: &'a Self::Input,
        target: &'a UploadTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let request = RequestKeys {
            if_match: input.if_match.as_deref(),
            if_none_match: input.if_none_match.as_deref(),
            ..RequestKeys::default()
        };
        target.object.condition(&request, key)
    }

    async fn execute(
        s3: &S3,
        cx: &Context,
        input: &Self::Input,
        target: &UploadTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let upload = &target.upload()?.value;
        conditional::check_write(&target.object, input.if_match.as_deref(), input.if_none_match.as_deref())?;
        let (parts, revision) = target.parts(s3).await?;
        let listed = input.multipart_upload.as_ref().and_then(|upload| upload.parts.as_deref());
        let chosen = multipart::chosen(listed.unwrap_or_default(), &parts)?;
        let size = chosen.iter().map(|part| part.size).sum();
        if input.mpu_object_size.is_some_and(|claimed| u64::try_from(claimed) != Ok(size)) {
            return Err(error::invalid_request(
                "The provided 'x-amz-mp-object-size' header does not match what was computed",
            ));
        }
        let checksum = checksum_of(upload, &chosen)?;
        check_claim(input, &checksum)?;
        let mut writes = WriteSet::new();
        target.end(&mut writes, &parts, revision)?;
        let unused = parts.iter().map(|part| &part.value);
        let unused = unused.filter(|part| chosen.iter().all(|chosen| chosen.number != part.number));
        repo::release(&mut writes, cx.time, unused);
        let object = Object {
            etag: etag::of_parts(chosen.iter().map(|part| part.etag.as_str())),
            size,
            about: upload.about.clone(),
            checksum,
            encryption: upload.encryption.clone(),
            parts: chosen,
            multipart: true,
        };
        let output = output(target, upload, &object);
        let version = versions::add(s3, cx, &mut writes, &target.object, Some(object)).await?;
        Ok(Reply::with_writes(
            types::CompleteMultipartUploadOutput { version_id: version.id, ..output },
            writes,
        ))
    }
}

fn checksum_of(upload: &Upload, parts: &[Part]) -> Result<Checksum, ApiError> {
    let checksums = parts.iter().filter_map(|part| part.checksum.as_ref());
    let checksum = if upload.full_object {
        checksum::whole(upload.algorithm, checksums.zip(parts.iter().map(|part| part.size)))
    } else {
        checksum::composite(upload.algorithm, checksums)
    };
    checksum.ok_or_else(|| error::corrupt("a part's checksum"))
}

fn check_claim(input: &types::CompleteMultipartUploadRequest, checksum: &Checksum) -> Result<(), ApiError> {
    let Some(claimed) = one_checksum(&checksums!(input))? else { return Ok(()) };
    let value = checksum.value.as_str();
    // Of a composite one the number of parts may be left out.
    let without = value.rsplit_once('-').map_or(value, |(digest, _)| digest);
    if claimed.algorithm != checksum.algorithm || claimed.value == value || claimed.value == without {
        return Ok(());
    }
    let name = checksum.algorithm.name();
    Err(error::bad_checksum(format!("The {name} you specified did not match the calculated checksum.")))
}

fn output(target: &UploadTarget, upload: &Upload, object: &Object) -> types::CompleteMultipartUploadOutput {
    let (bucket, key) = (&target.object.bucket, &target.object.key);
    let checksum = &object.checksum;
    types::CompleteMultipartUploadOutput {
        location: Some(format!("/{}/{key}", bucket.name)),
        bucket: Some(bucket.name.clone()),
        key: Some(key.clone()),
        e_tag: Some(etag::quoted(&object.etag)),
        checksum_crc32: checksum.of(Algorithm::Crc32),
        checksum_crc32_c: checksum.of(Algorithm::Crc32c),
        checksum_crc64_nvme: checksum.of(Algorithm::Crc64Nvme),
        checksum_sha1: checksum.of(Algorithm::Sha1),
        checksum_sha256: checksum.of(Algorithm::Sha256),
        checksum_type: Some(head::shown_type(checksum)),
        server_side_encryption: Some(upload.encryption.algorithm()),
        ssekms_key_id: upload.encryption.kms_key().map(Into::into),
        bucket_key_enabled: upload.encryption.bucket_key(),
        ..types::CompleteMultipartUploadOutput::default()
    }
}
