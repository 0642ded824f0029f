//! `ListObjects`. Source: Amazon S3 API Reference, "ListObjects".
//!
//! Action `s3:ListBucket` on the bucket. Condition keys `s3:prefix`, `s3:delimiter`, `s3:max-keys`.

use std::sync::Arc;

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::{self, RequestKeys};
use crate::listing::{self, Shown, Wanted};
use crate::objects;
use crate::repo::BucketEntry;
use crate::service::S3;

impl Handler<S3> for operations::ListObjects {
    const ACCESS: Access = Access::read("s3:ListBucket");
    type Target = Arc<BucketEntry>;

    async fn resolve(s3: &S3, cx: &Context, input: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        s3.resolve_bucket(cx, &input.bucket, input.expected_bucket_owner.as_deref()).await
    }

    fn condition<'a>(
        _s3: &'a S3,
        _cx: &'a Context,
        input: &'a Self::Input,
        bucket: &'a Self::Target,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let request = RequestKeys {
            prefix: input.prefix.as_deref(),
            delimiter: input.delimiter.as_deref(),
            max_keys: input.max_keys,
            ..RequestKeys::default()
        };
        condition::value(Some(bucket), &request, key)
    }

    async fn execute(
        s3: &S3,
        _cx: &Context,
        input: &Self::Input,
        bucket: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (limit, max_keys) = listing::limit(input.max_keys, "max-keys")?;
        let shown = Shown::new(input.encoding_type.as_ref())?;
        let wanted = Wanted {
            bucket: &bucket.name,
            prefix: input.prefix.as_deref().unwrap_or_default(),
            delimiter: input.delimiter.as_deref(),
            after: input.marker.as_deref().unwrap_or_default(),
        };
        let page = objects::page(s3, wanted, limit).await?;
        // Without a delimiter callers go on from the last key.
        let next = page.next.as_ref().filter(|_| input.delimiter.is_some());
        Ok(Reply::new(types::ListObjectsOutput {
            is_truncated: Some(page.next.is_some()),
            marker: Some(shown.text(wanted.after)),
            next_marker: shown.maybe(next),
            contents: objects::shown(&page, bucket, shown, true),
            name: Some(bucket.name.clone()),
            prefix: Some(shown.text(wanted.prefix)),
            delimiter: shown.maybe(input.delimiter.as_ref()),
            max_keys: Some(max_keys),
            common_prefixes: shown.prefixes(&page.prefixes),
            encoding_type: input.encoding_type.clone(),
            request_charged: None,
        }))
    }
}
