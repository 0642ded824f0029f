//! `GetBucketPolicyStatus`. Source: Amazon S3 API Reference, "GetBucketPolicyStatus".
//!
//! Action `s3:GetBucketPolicyStatus` on the bucket.

use garrison_api_s3::types;
use garrison_kernel::{Access, Reply};

use crate::error;

bucket_operation!(
    GetBucketPolicyStatus,
    Access::read("s3:GetBucketPolicyStatus"),
    |_s3, _cx, _input, bucket| {
        if bucket.record.policy.is_none() {
            return Err(error::no_such_bucket_policy());
        }
        let policy_status = Some(types::PolicyStatus { is_public: Some(bucket.public) });
        Ok(Reply::new(types::GetBucketPolicyStatusOutput { policy_status }))
    }
);
