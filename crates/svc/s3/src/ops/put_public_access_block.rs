//! `PutPublicAccessBlock`. Source: Amazon S3 API Reference, "PutPublicAccessBlock".
//!
//! Action `s3:PutBucketPublicAccessBlock` on the bucket.

use garrison_kernel::Access;

use super::changed;
use crate::records::PublicAccess;

bucket_operation!(
    PutPublicAccessBlock,
    Access::write("s3:PutBucketPublicAccessBlock"),
    |_s3, _cx, input, bucket| {
        let public_access = PublicAccess::parse(&input.public_access_block_configuration);
        Ok(changed(bucket, |record| record.public_access = Some(public_access)))
    }
);
