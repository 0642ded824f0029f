//! `GetPublicAccessBlock`. Source: Amazon S3 API Reference, "GetPublicAccessBlock".
//!
//! Action `s3:GetBucketPublicAccessBlock` on the bucket.

use garrison_api_s3::types;
use garrison_kernel::{Access, Reply};

use crate::error;

bucket_operation!(
    GetPublicAccessBlock,
    Access::read("s3:GetBucketPublicAccessBlock"),
    |_s3, _cx, _input, bucket| {
        let found = bucket.record.public_access.ok_or_else(error::no_such_public_access_block)?;
        let public_access_block_configuration = Some(found.shown());
        Ok(Reply::new(types::GetPublicAccessBlockOutput { public_access_block_configuration }))
    }
);
