//! `DeleteBucketCors`. Source: Amazon S3 API Reference, "DeleteBucketCors".
//!
//! Action `s3:PutBucketCORS` on the bucket.

use garrison_kernel::Access;

use super::changed;

bucket_operation!(DeleteBucketCors, Access::write("s3:PutBucketCORS"), |_s3, _cx, _input, bucket| {
    Ok(changed(bucket, |record| record.cors.clear()))
});
