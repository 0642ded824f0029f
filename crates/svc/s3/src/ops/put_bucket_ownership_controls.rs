//! `PutBucketOwnershipControls`. Source: Amazon S3 API Reference, "PutBucketOwnershipControls".
//!
//! Action `s3:PutBucketOwnershipControls` on the bucket.

use garrison_kernel::Access;

use super::changed;
use crate::error;
use crate::records::Ownership;

bucket_operation!(
    PutBucketOwnershipControls,
    Access::write("s3:PutBucketOwnershipControls"),
    |_s3, _cx, input, bucket| {
        let [rule] = input.ownership_controls.rules.as_slice() else { return Err(error::malformed_xml()) };
        let ownership = Ownership::parse(&rule.object_ownership)?;
        Ok(changed(bucket, |record| record.ownership = Some(ownership)))
    }
);
