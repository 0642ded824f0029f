//! `GetBucketCors`. Source: Amazon S3 API Reference, "GetBucketCors".
//!
//! Action `s3:GetBucketCORS` on the bucket.

use garrison_api_s3::types;
use garrison_kernel::{Access, Reply};

use crate::{configuration, error};

bucket_operation!(GetBucketCors, Access::read("s3:GetBucketCORS"), |_s3, _cx, _input, bucket| {
    let rules = &bucket.record.cors;
    if rules.is_empty() {
        return Err(error::no_such_cors());
    }
    let cors_rules = Some(rules.iter().map(configuration::shown_cors).collect());
    Ok(Reply::new(types::GetBucketCorsOutput { cors_rules }))
});
