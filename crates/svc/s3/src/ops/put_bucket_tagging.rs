//! `PutBucketTagging`. Source: Amazon S3 API Reference, "PutBucketTagging".
//!
//! Action `s3:PutBucketTagging` on the bucket.

use garrison_kernel::Access;

use super::changed;
use crate::tagging;

bucket_operation!(PutBucketTagging, Access::write("s3:PutBucketTagging"), |_s3, _cx, input, bucket| {
    let tags = tagging::accept(&input.tagging.tag_set, tagging::BUCKET)?;
    Ok(changed(bucket, |record| record.tags = tags))
});
