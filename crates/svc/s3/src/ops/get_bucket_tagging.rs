//! `GetBucketTagging`. Source: Amazon S3 API Reference, "GetBucketTagging".
//!
//! Action `s3:GetBucketTagging` on the bucket.

use garrison_api_s3::types;
use garrison_kernel::{Access, Reply};

use crate::{error, tagging};

bucket_operation!(GetBucketTagging, Access::read("s3:GetBucketTagging"), |_s3, _cx, _input, bucket| {
    let tags = &bucket.record.tags;
    if tags.is_empty() {
        return Err(error::no_such_tag_set());
    }
    Ok(Reply::new(types::GetBucketTaggingOutput { tag_set: tagging::shown(tags) }))
});
