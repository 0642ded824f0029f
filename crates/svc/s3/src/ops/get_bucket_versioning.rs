//! `GetBucketVersioning`. Source: Amazon S3 API Reference, "GetBucketVersioning".
//!
//! Action `s3:GetBucketVersioning` on the bucket.

use garrison_api_s3::types;
use garrison_kernel::{Access, Reply};

use crate::records::Versioning;

bucket_operation!(GetBucketVersioning, Access::read("s3:GetBucketVersioning"), |_s3, _cx, _input, bucket| {
    let status = match bucket.record.versioning {
        Versioning::Never => None,
        Versioning::Enabled => Some(types::BucketVersioningStatus::Enabled),
        Versioning::Suspended => Some(types::BucketVersioningStatus::Suspended),
    };
    Ok(Reply::new(types::GetBucketVersioningOutput { status, mfa_delete: None }))
});
