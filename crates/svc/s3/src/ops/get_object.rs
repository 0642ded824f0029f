//! `GetObject`. Source: Amazon S3 API Reference, "GetObject".
//!
//! Action `s3:GetObject` on the object, `s3:GetObjectVersion` for one of its versions.

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::RequestKeys;
use crate::head;
use crate::resolve::ObjectTarget;
use crate::sealed::{self, Piece};
use crate::service::S3;

/// Makes one structure of the members of another that has them under the same names.
macro_rules! same_members {
    ($from:ident => $to:ident { $($member:ident,)+ }) => {
        types::$to { $($member: $from.$member,)+ ..Default::default() }
    };
}

fn as_head(input: &types::GetObjectRequest) -> types::HeadObjectRequest {
    let input = input.clone();
    same_members!(input => HeadObjectRequest {
        bucket, if_match, if_modified_since, if_none_match, if_unmodified_since, key, range, response_cache_control,
        response_content_disposition, response_content_encoding, response_content_language, response_content_type,
        response_expires, version_id, sse_customer_algorithm, part_number, checksum_mode,
    })
}

fn as_get(head: types::HeadObjectOutput) -> types::GetObjectOutput {
    same_members!(head => GetObjectOutput {
        accept_ranges, last_modified, content_length, e_tag, checksum_crc32, checksum_crc32_c, checksum_crc64_nvme,
        checksum_sha1, checksum_sha256, checksum_type, version_id, cache_control, content_disposition,
        content_encoding, content_language, content_type, content_range, expires, website_redirect_location,
        server_side_encryption, metadata, ssekms_key_id, bucket_key_enabled, storage_class, parts_count, tag_count,
    })
}

impl Handler<S3> for operations::GetObject {
    const ACCESS: Access = Access::read("s3:GetObject").on_data();
    type Target = ObjectTarget;

    async fn resolve(s3: &S3, cx: &Context, input: &Self::Input) -> Result<Resolved<ObjectTarget>, ApiError> {
        let name = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let actions = ("s3:GetObject", "s3:GetObjectVersion");
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
        s3: &S3,
        cx: &Context,
        input: &Self::Input,
        target: &ObjectTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let answer = head::answer(&as_head(input), target)?;
        let (_, object) = target.object()?;
        let data_key = s3.data_key(cx, &target.bucket, &target.key, &object.encryption).await?;
        let body = sealed::open(s3, data_key, Piece::of(&object.parts, &answer.range)).await?;
        Ok(Reply::new(types::GetObjectOutput { body: Some(body), ..as_get(answer.head) }))
    }
}
