//! `GetObjectTagging`. Source: Amazon S3 API Reference, "GetObjectTagging".
//!
//! Action `s3:GetObjectTagging` on the object, `s3:GetObjectVersionTagging` for one of its versions.

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::RequestKeys;
use crate::resolve::ObjectTarget;
use crate::service::S3;
use crate::tagging;

impl Handler<S3> for operations::GetObjectTagging {
    const ACCESS: Access = Access::read("s3:GetObjectTagging").on_data();
    type Target = ObjectTarget;

    async fn resolve(s3: &S3, cx: &Context, input: &Self::Input) -> Result<Resolved<ObjectTarget>, ApiError> {
        let name = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let actions = ("s3:GetObjectTagging", "s3:GetObjectVersionTagging");
        s3.resolve_object(cx, name, &input.key, input.version_id.as_deref(), actions).await
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
        _input: &Self::Input,
        target: &ObjectTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (version, object) = target.object()?;
        Ok(Reply::new(types::GetObjectTaggingOutput {
            version_id: target.shown_version(version),
            tag_set: tagging::shown(&object.about.tags),
        }))
    }
}
