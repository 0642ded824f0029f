//! `DeleteBucketPolicy`. Source: Amazon S3 API Reference, "DeleteBucketPolicy".
//!
//! Action `s3:DeleteBucketPolicy` on the bucket.

use garrison_kernel::Access;

use super::changed;

bucket_operation!(DeleteBucketPolicy, Access::write("s3:DeleteBucketPolicy"), |_s3, _cx, _input, bucket| {
    Ok(changed(bucket, |record| record.policy = None))
});
