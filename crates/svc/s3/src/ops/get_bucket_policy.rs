//! `GetBucketPolicy`. Source: Amazon S3 API Reference, "GetBucketPolicy".
//!
//! Action `s3:GetBucketPolicy` on the bucket.

use garrison_api_s3::types;
use garrison_kernel::{Access, Reply};

use crate::error;

bucket_operation!(GetBucketPolicy, Access::read("s3:GetBucketPolicy"), |_s3, _cx, _input, bucket| {
    let policy = bucket.record.policy.clone().ok_or_else(error::no_such_bucket_policy)?;
    Ok(Reply::new(types::GetBucketPolicyOutput { policy: Some(policy) }))
});
