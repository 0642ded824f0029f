//! `PutBucketEncryption`. Source: Amazon S3 API Reference, "PutBucketEncryption".
//!
//! Action `s3:PutEncryptionConfiguration` on the bucket.

use garrison_kernel::Access;

use super::changed;
use crate::records::DefaultEncryption;

bucket_operation!(
    PutBucketEncryption,
    Access::write("s3:PutEncryptionConfiguration"),
    |_s3, _cx, input, bucket| {
        let encryption = DefaultEncryption::parse(&input.server_side_encryption_configuration)?;
        Ok(changed(bucket, |record| record.encryption = encryption))
    }
);
