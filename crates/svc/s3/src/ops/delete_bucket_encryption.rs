//! `DeleteBucketEncryption`. Source: Amazon S3 API Reference, "DeleteBucketEncryption".
//!
//! Action `s3:PutEncryptionConfiguration` on the bucket.

use garrison_kernel::Access;

use super::changed;
use crate::records::DefaultEncryption;

bucket_operation!(
    DeleteBucketEncryption,
    Access::write("s3:PutEncryptionConfiguration"),
    |_s3, _cx, _input, bucket| {
        Ok(changed(bucket, |record| record.encryption = DefaultEncryption::default()))
    }
);
