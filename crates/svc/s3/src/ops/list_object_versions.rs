//! `ListObjectVersions`. Source: Amazon S3 API Reference, "ListObjectVersions".
//!
//! Action `s3:ListBucketVersions` on the bucket. Condition keys `s3:prefix`, `s3:delimiter`, `s3:max-keys`.

use std::sync::Arc;

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::{self, RequestKeys};
use crate::listing::{self, Shown, Walk, Wanted};
use crate::records::{self, Object, Version};
use crate::repo::{BucketEntry, PAGE, layout};
use crate::service::S3;
use crate::{error, etag, head, owner};

impl Handler<S3> for operations::ListObjectVersions {
    const ACCESS: Access = Access::read("s3:ListBucketVersions");
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
        if input.version_id_marker.is_some() && input.key_marker.is_none() {
            return Err(error::invalid_argument(
                "A version-id marker cannot be specified without a key marker.",
            ));
        }
        let page = page(s3, bucket, input, limit).await?;
        let (mut versions, mut delete_markers) = (Vec::new(), Vec::new());
        for item in &page.items {
            match &item.version.object {
                Some(object) => versions.push(shown_version(bucket, shown, item, object)),
                None => delete_markers.push(types::DeleteMarkerEntry {
                    owner: Some(owner::owner(bucket.account())),
                    key: Some(shown.text(&item.key)),
                    version_id: Some(item.version.shown_id().to_owned()),
                    is_latest: Some(item.latest),
                    last_modified: Some(item.version.modified.0),
                }),
            }
        }
        let (next_key, next_version) = page.next.unzip();
        Ok(Reply::new(types::ListObjectVersionsOutput {
            is_truncated: Some(next_key.is_some()),
            key_marker: Some(shown.text(input.key_marker.as_deref().unwrap_or_default())),
            version_id_marker: Some(input.version_id_marker.clone().unwrap_or_default()),
            next_key_marker: shown.maybe(next_key.as_ref()),
            next_version_id_marker: next_version.flatten(),
            versions: Some(versions).filter(|versions| !versions.is_empty()),
            delete_markers: Some(delete_markers).filter(|markers| !markers.is_empty()),
            name: Some(bucket.name.clone()),
            prefix: Some(shown.text(input.prefix.as_deref().unwrap_or_default())),
            delimiter: shown.maybe(input.delimiter.as_ref()),
            max_keys: Some(max_keys),
            common_prefixes: shown.prefixes(&page.prefixes),
            encoding_type: input.encoding_type.clone(),
            request_charged: None,
        }))
    }
}

/// A version of a list.
struct Item {
    key: String,
    version: Version,
    latest: bool,
}

#[derive(Default)]
struct Page {
    items: Vec<Item>,
    prefixes: Vec<String>,
    /// The last item, when there are more: a key and its version, or what keys were rolled up to.
    next: Option<(String, Option<String>)>,
}

impl Page {
    /// Whether there is no room for another item; then this one is the next page's.
    fn is_full(&mut self, limit: usize, last: &mut Option<(String, Option<String>)>) -> bool {
        let full = self.items.len() + self.prefixes.len() == limit;
        if full {
            self.next = last.take();
        }
        full
    }
}

async fn page(
    s3: &S3,
    bucket: &BucketEntry,
    input: &types::ListObjectVersionsRequest,
    limit: usize,
) -> Result<Page, ApiError> {
    let (mut page, mut last) = (Page::default(), None);
    if limit == 0 {
        return Ok(page);
    }
    let after = input.key_marker.as_deref().unwrap_or_default();
    if let Some(marker) = input.version_id_marker.as_deref().filter(|marker| !marker.is_empty()) {
        let found = versions_of(s3, &bucket.name, after).await?;
        let behind = found.into_iter().skip_while(|item| item.version.shown_id() != marker).skip(1);
        for item in behind {
            if page.is_full(limit, &mut last) {
                return Ok(page);
            }
            last = Some((item.key.clone(), Some(item.version.shown_id().to_owned())));
            page.items.push(item);
        }
    }
    let wanted = Wanted {
        bucket: &bucket.name,
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref(),
        after,
    };
    let mut walk = Walk::objects(s3, wanted);
    while let Some(step) = walk.next().await? {
        if let Some(prefix) = step.rolled_up {
            if page.is_full(limit, &mut last) {
                return Ok(page);
            }
            walk.skip(&prefix);
            last = Some((prefix.clone(), None));
            page.prefixes.push(prefix);
            continue;
        }
        let current = records::decode(&step.entry.value).map_err(error::corrupt)?;
        let mut items = vec![Item { key: step.key.clone(), version: current, latest: true }];
        if bucket.record.versioning != records::Versioning::Never {
            items.extend(older(s3, &bucket.name, &step.key, limit + 1).await?);
        }
        for item in items {
            if page.is_full(limit, &mut last) {
                return Ok(page);
            }
            last = Some((item.key.clone(), Some(item.version.shown_id().to_owned())));
            page.items.push(item);
        }
    }
    Ok(page)
}

/// Every version of a key, newest first.
async fn versions_of(s3: &S3, bucket: &str, key: &str) -> Result<Vec<Item>, ApiError> {
    let Some(current) = s3.repo().current(bucket, key).await? else { return Ok(Vec::new()) };
    let mut items = vec![Item { key: key.to_owned(), version: current.value, latest: true }];
    items.extend(older(s3, bucket, key, usize::MAX).await?);
    Ok(items)
}

async fn older(s3: &S3, bucket: &str, key: &str, most: usize) -> Result<Vec<Item>, ApiError> {
    let (mut range, mut items) = (layout::versions(bucket, key), Vec::new());
    while items.len() < most {
        let (page, more) = s3.repo().page::<Version>(&range, PAGE).await?;
        if let Some(last) = page.last() {
            range = range.after(&last.key);
        }
        let found = page.into_iter().map(|found| found.value);
        items.extend(found.map(|version| Item { key: key.to_owned(), version, latest: false }));
        if !more {
            break;
        }
    }
    Ok(items)
}

fn shown_version(bucket: &BucketEntry, shown: Shown, item: &Item, object: &Object) -> types::ObjectVersion {
    types::ObjectVersion {
        e_tag: Some(etag::quoted(&object.etag)),
        checksum_algorithm: Some(vec![object.checksum.algorithm.name().into()]),
        checksum_type: Some(head::shown_type(&object.checksum)),
        size: i64::try_from(object.size).ok(),
        storage_class: Some(object.about.storage_class.as_deref().unwrap_or("STANDARD").into()),
        key: Some(shown.text(&item.key)),
        version_id: Some(item.version.shown_id().to_owned()),
        is_latest: Some(item.latest),
        last_modified: Some(item.version.modified.0),
        owner: Some(owner::owner(bucket.account())),
        restore_status: None,
    }
}
