//! `UploadPart`. Source: Amazon S3 API Reference, "UploadPart".
//!
//! Action `s3:PutObject` on the object. The body is read once, as in `PutObject`.

use std::sync::Arc;

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, ByteStream};

use crate::checksum::Algorithm;
use crate::condition::RequestKeys;
use crate::multipart::{self, UploadTarget};
use crate::sealed::Received;
use crate::service::S3;
use crate::upload::{self, claims};
use crate::{error, etag};

impl Handler<S3> for operations::UploadPart {
    const ACCESS: Access = Access::write("s3:PutObject").on_data();
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
        cx: &Context,
        input: &Self::Input,
        target: &UploadTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let number = multipart::number(input.part_number)?;
        let upload = &target.upload()?.value;
        if input.sse_customer_algorithm.is_some() {
            return Err(error::not_built("Server-side encryption with customer keys (SSE-C) is not built."));
        }
        let received = match input.body.as_ref().and_then(ByteStream::left::<Received>) {
            Some(received) => received,
            None => {
                let claims = claims!(input)?;
                multipart::check_algorithm(upload, claims.algorithm())?;
                let object = &target.object;
                let data_key = s3.data_key(cx, &object.bucket, &object.key, &upload.encryption).await?;
                let body = input.body.as_ref();
                let received = upload::receive(s3, cx, body, &claims, &data_key, upload.algorithm).await?;
                let received = Arc::new(received);
                if let Some(body) = body {
                    body.leave(Arc::clone(&received) as _);
                }
                received
            }
        };
        let writes = target.keep(s3, cx, number, &received).await?;
        let checksum = received.other.as_ref().unwrap_or(&received.checksum);
        let output = types::UploadPartOutput {
            server_side_encryption: Some(upload.encryption.algorithm()),
            e_tag: Some(etag::quoted(&received.etag)),
            checksum_crc32: checksum.of(Algorithm::Crc32),
            checksum_crc32_c: checksum.of(Algorithm::Crc32c),
            checksum_crc64_nvme: checksum.of(Algorithm::Crc64Nvme),
            checksum_sha1: checksum.of(Algorithm::Sha1),
            checksum_sha256: checksum.of(Algorithm::Sha256),
            ssekms_key_id: upload.encryption.kms_key().map(Into::into),
            bucket_key_enabled: upload.encryption.bucket_key(),
            ..types::UploadPartOutput::default()
        };
        Ok(Reply::with_writes(output, writes))
    }
}
