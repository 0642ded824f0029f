//! `DeleteBucketTagging`. Source: Amazon S3 API Reference, "DeleteBucketTagging".
//!
//! Action `s3:PutBucketTagging` on the bucket.

use garrison_kernel::Access;

use super::changed;

bucket_operation!(DeleteBucketTagging, Access::write("s3:PutBucketTagging"), |_s3, _cx, _input, bucket| {
    Ok(changed(bucket, |record| record.tags.clear()))
});
