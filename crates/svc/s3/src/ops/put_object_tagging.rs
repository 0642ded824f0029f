//! `PutObjectTagging`. Source: Amazon S3 API Reference, "PutObjectTagging".
//!
//! Action `s3:PutObjectTagging` on the object, `s3:PutObjectVersionTagging` for one of its versions.

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::RequestKeys;
use crate::records::Tags;
use crate::resolve::ObjectTarget;
use crate::service::S3;
use crate::tagging;

/// The object and its new tags.
pub struct Tagged {
    target: ObjectTarget,
    tags: Tags,
    keys: Vec<String>,
}

impl Handler<S3> for operations::PutObjectTagging {
    const ACCESS: Access = Access::write("s3:PutObjectTagging").on_data();
    type Target = Tagged;

    async fn resolve(s3: &S3, cx: &Context, input: &Self::Input) -> Result<Resolved<Tagged>, ApiError> {
        let tags = tagging::accept(&input.tagging.tag_set, tagging::OBJECT)?;
        let name = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let actions = ("s3:PutObjectTagging", "s3:PutObjectVersionTagging");
        let wanted = input.version_id.as_deref();
        let Resolved { target, checks, resources } =
            s3.resolve_object(cx, name, &input.key, wanted, actions).await?;
        let keys = tags.keys().cloned().collect();
        Ok(Resolved { target: Tagged { target, tags, keys }, checks, resources })
    }

    fn condition<'a>(
        _s3: &'a S3,
        _cx: &'a Context,
        _input: &'a Self::Input,
        tagged: &'a Tagged,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let request =
            RequestKeys { tags: Some(&tagged.tags), tag_keys: &tagged.keys, ..RequestKeys::default() };
        tagged.target.condition(&request, key)
    }

    async fn execute(
        _s3: &S3,
        _cx: &Context,
        _input: &Self::Input,
        tagged: &Tagged,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (version_id, writes) = tagging::replace(&tagged.target, tagged.tags.clone())?;
        Ok(Reply::with_writes(types::PutObjectTaggingOutput { version_id }, writes))
    }
}
