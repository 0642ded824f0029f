//! `AbortMultipartUpload`. Source: Amazon S3 API Reference, "AbortMultipartUpload".
//!
//! Action `s3:AbortMultipartUpload` on the object.

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::RequestKeys;
use crate::multipart::UploadTarget;
use crate::service::S3;
use crate::{error, repo};

impl Handler<S3> for operations::AbortMultipartUpload {
    const ACCESS: Access = Access::write("s3:AbortMultipartUpload").on_data();
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
        let initiated = target.upload()?.value.initiated.0;
        if input.if_match_initiated_time.is_some_and(|wanted| wanted != initiated) {
            return Err(error::precondition_failed());
        }
        let (parts, revision) = target.parts(s3).await?;
        let mut writes = WriteSet::new();
        target.end(&mut writes, &parts, revision)?;
        repo::release(&mut writes, cx.time, parts.iter().map(|part| &part.value));
        Ok(Reply::with_writes(types::AbortMultipartUploadOutput::default(), writes))
    }
}
