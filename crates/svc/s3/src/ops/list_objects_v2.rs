//! `ListObjectsV2`. Source: Amazon S3 API Reference, "ListObjectsV2".
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

impl Handler<S3> for operations::ListObjectsV2 {
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
        let (limit, max_keys) = listing::limit(input.max_keys, "maxKeys")?;
        let shown = Shown::new(input.encoding_type.as_ref())?;
        let token = input.continuation_token.as_deref().map(listing::read_token).transpose()?;
        let wanted = Wanted {
            bucket: &bucket.name,
            prefix: input.prefix.as_deref().unwrap_or_default(),
            delimiter: input.delimiter.as_deref(),
            after: token.as_deref().or(input.start_after.as_deref()).unwrap_or_default(),
        };
        let page = objects::page(s3, wanted, limit).await?;
        Ok(Reply::new(types::ListObjectsV2Output {
            is_truncated: Some(page.next.is_some()),
            contents: objects::shown(&page, bucket, shown, input.fetch_owner == Some(true)),
            name: Some(bucket.name.clone()),
            prefix: Some(shown.text(wanted.prefix)),
            delimiter: shown.maybe(input.delimiter.as_ref()),
            max_keys: Some(max_keys),
            common_prefixes: shown.prefixes(&page.prefixes),
            encoding_type: input.encoding_type.clone(),
            key_count: i32::try_from(page.len()).ok(),
            continuation_token: input.continuation_token.clone(),
            next_continuation_token: page.next.as_deref().map(listing::token),
            start_after: shown.maybe(input.start_after.as_ref()),
            request_charged: None,
        }))
    }
}
