//! `DeletePublicAccessBlock`. Source: Amazon S3 API Reference, "DeletePublicAccessBlock".
//!
//! Action `s3:PutBucketPublicAccessBlock` on the bucket.

use garrison_kernel::Access;

use super::changed;

bucket_operation!(
    DeletePublicAccessBlock,
    Access::write("s3:PutBucketPublicAccessBlock"),
    |_s3, _cx, _input, bucket| { Ok(changed(bucket, |record| record.public_access = None)) }
);
