//! `DeleteObject`. Source: Amazon S3 API Reference, "DeleteObject".
//!
//! Action `s3:DeleteObject` on the object, `s3:DeleteObjectVersion` for one of its versions.

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::RequestKeys;
use crate::deletion::{self, Conditions};
use crate::resolve::ObjectTarget;
use crate::service::S3;

impl Handler<S3> for operations::DeleteObject {
    const ACCESS: Access = Access::write("s3:DeleteObject").on_data();
    type Target = ObjectTarget;

    async fn resolve(s3: &S3, cx: &Context, input: &Self::Input) -> Result<Resolved<ObjectTarget>, ApiError> {
        let bucket = s3.bucket(&input.bucket, input.expected_bucket_owner.as_deref()).await?;
        let target = s3.object(bucket, &input.key, input.version_id.as_deref()).await?;
        let action = if target.wanted.is_some() { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
        let check = target.check(s3, cx).await?.action(action);
        Ok(target.audited(check))
    }

    fn condition<'a>(
        _s3: &'a S3,
        _cx: &'a Context,
        input: &'a Self::Input,
        target: &'a ObjectTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let request = RequestKeys { if_match: input.if_match.as_deref(), ..RequestKeys::default() };
        target.condition(&request, key)
    }

    async fn execute(
        s3: &S3,
        cx: &Context,
        input: &Self::Input,
        target: &ObjectTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let conditions = Conditions {
            etag: input.if_match.as_deref(),
            modified: input.if_match_last_modified_time,
            size: input.if_match_size,
        };
        let mut writes = WriteSet::new();
        let deletion = deletion::delete(s3, cx, &mut writes, target, &conditions).await?;
        let output = types::DeleteObjectOutput {
            delete_marker: deletion.marker.then_some(true),
            version_id: deletion.version,
            ..types::DeleteObjectOutput::default()
        };
        Ok(Reply::with_writes(output, writes))
    }
}
