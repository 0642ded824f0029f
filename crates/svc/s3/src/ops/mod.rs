//! The operations, one file each, and their registration.

/// An operation on a bucket, with one question about the bucket.
macro_rules! bucket_operation {
    ($operation:ident, $access:expr, |$s3:ident, $cx:ident, $input:ident, $bucket:ident| $body:block) => {
        impl ::garrison_kernel::Handler<$crate::service::S3> for ::garrison_api_s3::operations::$operation {
            const ACCESS: ::garrison_kernel::Access = $access;
            type Target = ::std::sync::Arc<$crate::repo::BucketEntry>;

            async fn resolve(
                s3: &$crate::service::S3,
                cx: &::garrison_kernel::Context,
                input: &Self::Input,
            ) -> Result<::garrison_kernel::Resolved<Self::Target>, ::garrison_schema::ApiError> {
                s3.resolve_bucket(cx, &input.bucket, input.expected_bucket_owner.as_deref()).await
            }

            fn condition<'a>(
                _s3: &'a $crate::service::S3,
                _cx: &'a ::garrison_kernel::Context,
                _input: &'a Self::Input,
                bucket: &'a Self::Target,
                _check: usize,
                key: &str,
            ) -> Option<::garrison_policy::Values<'a>> {
                $crate::condition::value(Some(bucket), &$crate::condition::RequestKeys::default(), key)
            }

            async fn execute(
                $s3: &$crate::service::S3,
                $cx: &::garrison_kernel::Context,
                $input: &Self::Input,
                $bucket: &Self::Target,
            ) -> Result<::garrison_kernel::Reply<Self::Output>, ::garrison_schema::ApiError> {
                $body
            }
        }
    };
}

mod abort_multipart_upload;
mod complete_multipart_upload;
mod copy_object;
mod create_bucket;
mod create_multipart_upload;
mod delete_bucket;
mod delete_bucket_cors;
mod delete_bucket_encryption;
mod delete_bucket_ownership_controls;
mod delete_bucket_policy;
mod delete_bucket_tagging;
mod delete_object;
mod delete_object_tagging;
mod delete_objects;
mod delete_public_access_block;
mod get_bucket_acl;
mod get_bucket_cors;
mod get_bucket_encryption;
mod get_bucket_location;
mod get_bucket_ownership_controls;
mod get_bucket_policy;
mod get_bucket_policy_status;
mod get_bucket_tagging;
mod get_bucket_versioning;
mod get_object;
mod get_object_acl;
mod get_object_attributes;
mod get_object_tagging;
mod get_public_access_block;
mod head_bucket;
mod head_object;
mod list_buckets;
mod list_multipart_uploads;
mod list_object_versions;
mod list_objects;
mod list_objects_v2;
mod list_parts;
mod put_bucket_cors;
mod put_bucket_encryption;
mod put_bucket_ownership_controls;
mod put_bucket_policy;
mod put_bucket_tagging;
mod put_bucket_versioning;
mod put_object;
mod put_object_tagging;
mod put_public_access_block;
mod upload_part;
mod upload_part_copy;

use std::sync::Arc;

use garrison_api_s3::{Op, operations as api};
use garrison_kernel::{AnyOperation, Reply, registered};
use garrison_store::WriteSet;

use crate::records::Bucket;
use crate::repo::{self, BucketEntry};
use crate::service::S3;

pub(crate) use put_object::part;

/// An operation of S3.
///
/// The match is exhaustive: a new operation of the interface does not build until it stands here.
pub(crate) fn operation(op: Op, s3: &Arc<S3>) -> Box<dyn AnyOperation> {
    match op {
        Op::AbortMultipartUpload => registered::<S3, api::AbortMultipartUpload>(s3),
        Op::CompleteMultipartUpload => registered::<S3, api::CompleteMultipartUpload>(s3),
        Op::CopyObject => registered::<S3, api::CopyObject>(s3),
        Op::CreateBucket => registered::<S3, api::CreateBucket>(s3),
        Op::CreateMultipartUpload => registered::<S3, api::CreateMultipartUpload>(s3),
        Op::DeleteBucket => registered::<S3, api::DeleteBucket>(s3),
        Op::DeleteBucketCors => registered::<S3, api::DeleteBucketCors>(s3),
        Op::DeleteBucketEncryption => registered::<S3, api::DeleteBucketEncryption>(s3),
        Op::DeleteBucketOwnershipControls => registered::<S3, api::DeleteBucketOwnershipControls>(s3),
        Op::DeleteBucketPolicy => registered::<S3, api::DeleteBucketPolicy>(s3),
        Op::DeleteBucketTagging => registered::<S3, api::DeleteBucketTagging>(s3),
        Op::DeleteObject => registered::<S3, api::DeleteObject>(s3),
        Op::DeleteObjectTagging => registered::<S3, api::DeleteObjectTagging>(s3),
        Op::DeleteObjects => registered::<S3, api::DeleteObjects>(s3),
        Op::DeletePublicAccessBlock => registered::<S3, api::DeletePublicAccessBlock>(s3),
        Op::GetBucketAcl => registered::<S3, api::GetBucketAcl>(s3),
        Op::GetBucketCors => registered::<S3, api::GetBucketCors>(s3),
        Op::GetBucketEncryption => registered::<S3, api::GetBucketEncryption>(s3),
        Op::GetBucketLocation => registered::<S3, api::GetBucketLocation>(s3),
        Op::GetBucketOwnershipControls => registered::<S3, api::GetBucketOwnershipControls>(s3),
        Op::GetBucketPolicy => registered::<S3, api::GetBucketPolicy>(s3),
        Op::GetBucketPolicyStatus => registered::<S3, api::GetBucketPolicyStatus>(s3),
        Op::GetBucketTagging => registered::<S3, api::GetBucketTagging>(s3),
        Op::GetBucketVersioning => registered::<S3, api::GetBucketVersioning>(s3),
        Op::GetObject => registered::<S3, api::GetObject>(s3),
        Op::GetObjectAcl => registered::<S3, api::GetObjectAcl>(s3),
        Op::GetObjectAttributes => registered::<S3, api::GetObjectAttributes>(s3),
        Op::GetObjectTagging => registered::<S3, api::GetObjectTagging>(s3),
        Op::GetPublicAccessBlock => registered::<S3, api::GetPublicAccessBlock>(s3),
        Op::HeadBucket => registered::<S3, api::HeadBucket>(s3),
        Op::HeadObject => registered::<S3, api::HeadObject>(s3),
        Op::ListBuckets => registered::<S3, api::ListBuckets>(s3),
        Op::ListMultipartUploads => registered::<S3, api::ListMultipartUploads>(s3),
        Op::ListObjectVersions => registered::<S3, api::ListObjectVersions>(s3),
        Op::ListObjects => registered::<S3, api::ListObjects>(s3),
        Op::ListObjectsV2 => registered::<S3, api::ListObjectsV2>(s3),
        Op::ListParts => registered::<S3, api::ListParts>(s3),
        Op::PutBucketCors => registered::<S3, api::PutBucketCors>(s3),
        Op::PutBucketEncryption => registered::<S3, api::PutBucketEncryption>(s3),
        Op::PutBucketOwnershipControls => registered::<S3, api::PutBucketOwnershipControls>(s3),
        Op::PutBucketPolicy => registered::<S3, api::PutBucketPolicy>(s3),
        Op::PutBucketTagging => registered::<S3, api::PutBucketTagging>(s3),
        Op::PutBucketVersioning => registered::<S3, api::PutBucketVersioning>(s3),
        Op::PutObject => registered::<S3, api::PutObject>(s3),
        Op::PutObjectTagging => registered::<S3, api::PutObjectTagging>(s3),
        Op::PutPublicAccessBlock => registered::<S3, api::PutPublicAccessBlock>(s3),
        Op::UploadPart => registered::<S3, api::UploadPart>(s3),
        Op::UploadPartCopy => registered::<S3, api::UploadPartCopy>(s3),
    }
}

/// The answer of a call that changed a bucket's configuration.
fn changed<O: Default>(bucket: &BucketEntry, change: impl FnOnce(&mut Bucket)) -> Reply<O> {
    let (mut record, mut writes) = (bucket.record.clone(), WriteSet::new());
    change(&mut record);
    repo::replace_bucket(&mut writes, bucket, &record);
    Reply::with_writes(O::default(), writes)
}
