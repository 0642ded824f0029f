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

mod create_bucket;
mod delete_bucket;
mod delete_object;
mod delete_object_tagging;
mod delete_objects;
mod get_bucket_location;
mod get_bucket_versioning;
mod get_object;
mod get_object_attributes;
mod get_object_tagging;
mod head_bucket;
mod head_object;
mod list_buckets;
mod put_bucket_versioning;
mod put_object;
mod put_object_tagging;

use std::sync::Arc;

use garrison_api_s3::{Op, operations as api};
use garrison_kernel::{AnyOperation, Reply, registered};
use garrison_store::WriteSet;

use crate::records::Bucket;
use crate::repo::{self, BucketEntry};
use crate::service::S3;

/// An operation of S3.
pub(crate) fn operation(op: Op, s3: &Arc<S3>) -> Option<Box<dyn AnyOperation>> {
    Some(match op {
        Op::CreateBucket => registered::<S3, api::CreateBucket>(s3),
        Op::DeleteBucket => registered::<S3, api::DeleteBucket>(s3),
        Op::DeleteObject => registered::<S3, api::DeleteObject>(s3),
        Op::DeleteObjectTagging => registered::<S3, api::DeleteObjectTagging>(s3),
        Op::DeleteObjects => registered::<S3, api::DeleteObjects>(s3),
        Op::GetBucketLocation => registered::<S3, api::GetBucketLocation>(s3),
        Op::GetBucketVersioning => registered::<S3, api::GetBucketVersioning>(s3),
        Op::GetObject => registered::<S3, api::GetObject>(s3),
        Op::GetObjectAttributes => registered::<S3, api::GetObjectAttributes>(s3),
        Op::GetObjectTagging => registered::<S3, api::GetObjectTagging>(s3),
        Op::HeadBucket => registered::<S3, api::HeadBucket>(s3),
        Op::HeadObject => registered::<S3, api::HeadObject>(s3),
        Op::ListBuckets => registered::<S3, api::ListBuckets>(s3),
        Op::PutBucketVersioning => registered::<S3, api::PutBucketVersioning>(s3),
        Op::PutObject => registered::<S3, api::PutObject>(s3),
        Op::PutObjectTagging => registered::<S3, api::PutObjectTagging>(s3),
        _ => return None,
    })
}

/// The answer of a call that changed a bucket's configuration.
fn changed<O: Default>(bucket: &BucketEntry, change: impl FnOnce(&mut Bucket)) -> Reply<O> {
    let (mut record, mut writes) = (bucket.record.clone(), WriteSet::new());
    change(&mut record);
    repo::replace_bucket(&mut writes, bucket, &record);
    Reply::with_writes(O::default(), writes)
}
