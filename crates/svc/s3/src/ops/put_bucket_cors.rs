//! `PutBucketCors`. Source: Amazon S3 API Reference, "PutBucketCors".
//!
//! Action `s3:PutBucketCORS` on the bucket.

use garrison_kernel::Access;

use super::changed;
use crate::configuration;

bucket_operation!(PutBucketCors, Access::write("s3:PutBucketCORS"), |_s3, _cx, input, bucket| {
    let rules = configuration::parse_cors(&input.cors_configuration)?;
    Ok(changed(bucket, |record| record.cors = rules))
});
