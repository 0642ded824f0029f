//! `ListBuckets`. Source: Amazon S3 API Reference, "ListBuckets".
//!
//! Action `s3:ListAllMyBuckets` on no resource.

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Principal, Reply, Resolved};
use garrison_schema::ApiError;

use crate::service::S3;
use crate::{error, owner};

/// The most buckets of a page.
const MAX_BUCKETS: usize = 10_000;

impl Handler<S3> for operations::ListBuckets {
    const ACCESS: Access = Access::read("s3:ListAllMyBuckets");
    type Target = ();

    async fn resolve(_s3: &S3, cx: &Context, _input: &Self::Input) -> Result<Resolved<()>, ApiError> {
        if cx.caller.principal == Principal::Anonymous {
            return Err(error::access_denied());
        }
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        s3: &S3,
        cx: &Context,
        input: &Self::Input,
        _target: &(),
    ) -> Result<Reply<Self::Output>, ApiError> {
        let most = match input.max_buckets {
            None => MAX_BUCKETS,
            Some(most) => usize::try_from(most)
                .ok()
                .filter(|most| (1..=MAX_BUCKETS).contains(most))
                .ok_or_else(|| error::invalid_argument("Invalid argument"))?,
        };
        let after = input.continuation_token.as_deref().map(read_token).transpose()?;
        let prefix = input.prefix.as_deref().unwrap_or_default();
        let (names, _) = s3.repo().owned(cx.account()).await?;
        let mut buckets = Vec::new();
        let mut continuation_token = None;
        for name in names {
            if !name.starts_with(prefix) || after.as_ref().is_some_and(|after| name <= *after) {
                continue;
            }
            let Some(bucket) = s3.repo().bucket(&name).await? else { continue };
            let region = &bucket.record.region;
            if input.bucket_region.as_ref().is_some_and(|wanted| wanted != region) {
                continue;
            }
            if buckets.len() == most {
                continuation_token =
                    buckets.last().and_then(|last: &types::Bucket| last.name.as_deref()).map(token);
                break;
            }
            buckets.push(types::Bucket {
                name: Some(name),
                creation_date: Some(bucket.record.created.0),
                bucket_region: Some(region.clone()),
                bucket_arn: Some(bucket.arn.to_string()),
            });
        }
        Ok(Reply::new(types::ListBucketsOutput {
            buckets: Some(buckets),
            owner: Some(owner::owner(cx.account())),
            continuation_token,
            prefix: input.prefix.clone(),
        }))
    }
}

fn token(name: &str) -> String {
    base64_simd::STANDARD.encode_to_string(name)
}

fn read_token(token: &str) -> Result<String, ApiError> {
    let bytes = base64_simd::STANDARD.decode_to_vec(token).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| error::invalid_argument("The continuation token provided is incorrect"))
}
