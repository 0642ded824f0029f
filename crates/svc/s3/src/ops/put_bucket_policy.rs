//! `PutBucketPolicy`. Source: Amazon S3 API Reference, "PutBucketPolicy".
//!
//! Action `s3:PutBucketPolicy` on the bucket.

use garrison_kernel::Access;

use super::changed;
use crate::{bucket_policy, public};

bucket_operation!(PutBucketPolicy, Access::write("s3:PutBucketPolicy"), |s3, cx, input, bucket| {
    bucket_policy::accept(&input.policy, bucket)?;
    if public::is_public(&input.policy) && s3.blocks_public_policies(bucket).await? {
        return Err(bucket_policy::blocked(cx, bucket));
    }
    Ok(changed(bucket, |record| record.policy = Some(input.policy.clone())))
});
