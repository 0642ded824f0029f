//! `GetBucketEncryption`. Source: Amazon S3 API Reference, "GetBucketEncryption".
//!
//! Action `s3:GetEncryptionConfiguration` on the bucket. Without a configuration it is SSE-S3.

use garrison_api_s3::types;
use garrison_kernel::{Access, Reply};

bucket_operation!(
    GetBucketEncryption,
    Access::read("s3:GetEncryptionConfiguration"),
    |_s3, _cx, _input, bucket| {
        let server_side_encryption_configuration = Some(bucket.record.encryption.shown());
        Ok(Reply::new(types::GetBucketEncryptionOutput { server_side_encryption_configuration }))
    }
);
