//! `PutBucketVersioning`. Source: Amazon S3 API Reference, "PutBucketVersioning".
//!
//! Action `s3:PutBucketVersioning` on the bucket. MFA delete is not built.

use garrison_api_s3::types;
use garrison_kernel::Access;

use super::changed;
use crate::error;
use crate::records::Versioning;

bucket_operation!(PutBucketVersioning, Access::write("s3:PutBucketVersioning"), |_s3, _cx, input, bucket| {
    let configuration = &input.versioning_configuration;
    if configuration.mfa_delete == Some(types::MFADelete::Enabled) || input.mfa.is_some() {
        return Err(error::not_built("MFA delete is not built."));
    }
    let versioning = match configuration.status {
        Some(types::BucketVersioningStatus::Enabled) => Versioning::Enabled,
        Some(types::BucketVersioningStatus::Suspended) if bucket.record.lock => {
            return Err(error::invalid_bucket_state());
        }
        Some(types::BucketVersioningStatus::Suspended) => Versioning::Suspended,
        _ => return Err(error::malformed_xml()),
    };
    Ok(changed(bucket, |record| record.versioning = versioning))
});
