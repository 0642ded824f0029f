//! `ListMultipartUploads`. Source: Amazon S3 API Reference, "ListMultipartUploads".
//!
//! Action `s3:ListBucketMultipartUploads` on the bucket.

use garrison_api_s3::types;
use garrison_kernel::{Access, Reply};
use garrison_schema::ApiError;

use crate::listing::{self, Shown, Walk, Wanted};
use crate::records::{self, Upload};
use crate::repo::BucketEntry;
use crate::service::S3;
use crate::{error, multipart, owner};

/// What the page ends with: a key and an upload's id, or what keys were rolled up to.
type Last = (String, Option<String>);

#[derive(Default)]
struct Page {
    uploads: Vec<(String, String, Upload)>,
    prefixes: Vec<String>,
    next: Option<Last>,
}

bucket_operation!(
    ListMultipartUploads,
    Access::read("s3:ListBucketMultipartUploads"),
    |s3, _cx, input, bucket| {
        let (limit, max_uploads) = listing::limit(input.max_uploads, "max-uploads")?;
        let shown = Shown::new(input.encoding_type.as_ref())?;
        let page = page(s3, bucket, input, limit).await?;
        let (next_key, next_id) = page.next.unzip();
        let uploads = page.uploads.iter().map(|(key, id, upload)| types::MultipartUpload {
            upload_id: Some(id.clone()),
            key: Some(shown.text(key)),
            initiated: Some(upload.initiated.0),
            storage_class: Some(upload.about.storage_class.as_deref().unwrap_or("STANDARD").into()),
            owner: Some(owner::owner(bucket.account())),
            initiator: Some(multipart::initiator(&upload.initiator)),
            checksum_algorithm: upload.asked.then(|| upload.algorithm.name().into()),
            ..types::MultipartUpload::default()
        });
        Ok(Reply::new(types::ListMultipartUploadsOutput {
            bucket: Some(bucket.name.clone()),
            key_marker: Some(shown.text(input.key_marker.as_deref().unwrap_or_default())),
            upload_id_marker: Some(input.upload_id_marker.clone().unwrap_or_default()),
            is_truncated: Some(next_key.is_some()),
            next_key_marker: shown.maybe(next_key.as_ref()),
            next_upload_id_marker: next_id.flatten(),
            prefix: Some(shown.text(input.prefix.as_deref().unwrap_or_default())),
            delimiter: shown.maybe(input.delimiter.as_ref()),
            max_uploads: Some(max_uploads),
            uploads: Some(uploads.collect()).filter(|uploads: &Vec<_>| !uploads.is_empty()),
            common_prefixes: shown.prefixes(&page.prefixes),
            encoding_type: input.encoding_type.clone(),
            request_charged: None,
        }))
    }
);

async fn page(
    s3: &S3,
    bucket: &BucketEntry,
    input: &types::ListMultipartUploadsRequest,
    limit: usize,
) -> Result<Page, ApiError> {
    let (mut page, mut last) = (Page::default(), None::<Last>);
    if limit == 0 {
        return Ok(page);
    }
    let after = input.key_marker.as_deref().unwrap_or_default();
    let mut items = Vec::new();
    if let Some(marker) = input.upload_id_marker.as_deref().filter(|marker| !marker.is_empty()) {
        let found = s3.uploads_of_key(&bucket.name, after).await?;
        let found = found.into_iter().map(|found| (found.key.last().to_owned(), found.value));
        items.extend(
            found.filter(|(id, _)| id.as_str() > marker).map(|(id, upload)| (after.to_owned(), id, upload)),
        );
    }
    for (key, id, upload) in items {
        if page.uploads.len() == limit {
            page.next = last;
            return Ok(page);
        }
        last = Some((key.clone(), Some(id.clone())));
        page.uploads.push((key, id, upload));
    }
    let wanted = Wanted {
        bucket: &bucket.name,
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref(),
        after,
    };
    let mut walk = Walk::uploads(s3, wanted);
    while let Some(step) = walk.next().await? {
        if page.uploads.len() + page.prefixes.len() == limit {
            page.next = last;
            return Ok(page);
        }
        match step.rolled_up {
            Some(prefix) => {
                walk.skip(&prefix);
                last = Some((prefix.clone(), None));
                page.prefixes.push(prefix);
            }
            None => {
                let id = step.entry.key.last().to_owned();
                let upload = records::decode(&step.entry.value).map_err(error::corrupt)?;
                last = Some((step.key.clone(), Some(id.clone())));
                page.uploads.push((step.key, id, upload));
            }
        }
    }
    Ok(page)
}
