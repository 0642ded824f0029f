//! `GetBucketLocation`. Source: Amazon S3 API Reference, "GetBucketLocation".
//!
//! Action `s3:GetBucketLocation` on the bucket. Buckets of the first region have no location.

use garrison_api_s3::types;
use garrison_kernel::{Access, Reply};

bucket_operation!(GetBucketLocation, Access::read("s3:GetBucketLocation"), |_s3, _cx, _input, bucket| {
    let region = Some(bucket.record.region.as_str()).filter(|region| *region != "us-east-1");
    let location_constraint = region.map(types::BucketLocationConstraint::from);
    Ok(Reply::new(types::GetBucketLocationOutput { location_constraint }))
});
