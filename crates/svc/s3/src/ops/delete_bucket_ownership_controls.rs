//! `DeleteBucketOwnershipControls`. Source: Amazon S3 API Reference, "DeleteBucketOwnershipControls".
//!
//! Action `s3:PutBucketOwnershipControls` on the bucket.

use garrison_kernel::Access;

use super::changed;

bucket_operation!(
    DeleteBucketOwnershipControls,
    Access::write("s3:PutBucketOwnershipControls"),
    |_s3, _cx, _input, bucket| { Ok(changed(bucket, |record| record.ownership = None)) }
);
