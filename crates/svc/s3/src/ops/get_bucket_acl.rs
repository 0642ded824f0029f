//! `GetBucketAcl`. Source: Amazon S3 API Reference, "GetBucketAcl".
//!
//! Action `s3:GetBucketAcl` on the bucket. Lists other than the private one are not built.

use garrison_api_s3::types;
use garrison_kernel::{Access, Reply};

use crate::owner;

bucket_operation!(GetBucketAcl, Access::read("s3:GetBucketAcl"), |_s3, _cx, _input, bucket| {
    let account = bucket.account();
    let (owner, grants) = (Some(owner::owner(account)), Some(owner::private(account)));
    Ok(Reply::new(types::GetBucketAclOutput { owner, grants }))
});
