//! `GetBucketOwnershipControls`. Source: Amazon S3 API Reference, "GetBucketOwnershipControls".
//!
//! Action `s3:GetBucketOwnershipControls` on the bucket.

use garrison_api_s3::types;
use garrison_kernel::{Access, Reply};

use crate::error;

bucket_operation!(
    GetBucketOwnershipControls,
    Access::read("s3:GetBucketOwnershipControls"),
    |_s3, _cx, _input, bucket| {
        let ownership = bucket.record.ownership.ok_or_else(error::ownership_controls_not_found)?;
        let rules = vec![types::OwnershipControlsRule { object_ownership: ownership.shown() }];
        let ownership_controls = Some(types::OwnershipControls { rules });
        Ok(Reply::new(types::GetBucketOwnershipControlsOutput { ownership_controls }))
    }
);
