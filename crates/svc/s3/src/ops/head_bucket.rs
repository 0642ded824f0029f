//! `HeadBucket`. Source: Amazon S3 API Reference, "HeadBucket".
//!
//! Action `s3:ListBucket` on the bucket.

use garrison_api_s3::types;
use garrison_kernel::{Access, Reply};

bucket_operation!(HeadBucket, Access::read("s3:ListBucket"), |_s3, _cx, _input, bucket| {
    Ok(Reply::new(types::HeadBucketOutput {
        bucket_arn: Some(bucket.arn.to_string()),
        bucket_region: Some(bucket.record.region.clone()),
        access_point_alias: Some(false),
        ..types::HeadBucketOutput::default()
    }))
});
