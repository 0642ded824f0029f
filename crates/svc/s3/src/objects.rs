//! What `ListObjects` and `ListObjectsV2` share.

use garrison_api_s3::types;
use garrison_schema::ApiError;

use crate::head;
use crate::listing::{Shown, Walk, Wanted};
use crate::records::{self, Version};
use crate::repo::BucketEntry;
use crate::service::S3;
use crate::{error, etag, owner};

/// A page of objects.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) objects: Vec<(String, Version)>,
    pub(crate) prefixes: Vec<String>,
    /// The last item, when there are more.
    pub(crate) next: Option<String>,
}

impl Page {
    /// How many items it has.
    pub(crate) fn len(&self) -> usize {
        self.objects.len() + self.prefixes.len()
    }
}

/// Finds a page.
///
/// # Errors
/// The store failed.
pub(crate) async fn page(s3: &S3, wanted: Wanted<'_>, limit: usize) -> Result<Page, ApiError> {
    let (mut page, mut last) = (Page::default(), None);
    if limit == 0 {
        return Ok(page);
    }
    let mut walk = Walk::objects(s3, wanted);
    while let Some(step) = walk.next().await? {
        let version: Version = records::decode(&step.entry.value).map_err(error::corrupt)?;
        if version.object.is_none() {
            continue;
        }
        if page.len() == limit {
            page.next = last;
            break;
        }
        match step.rolled_up {
            Some(prefix) => {
                walk.skip(&prefix);
                last = Some(prefix.clone());
                page.prefixes.push(prefix);
            }
            None => {
                last = Some(step.key.clone());
                page.objects.push((step.key, version));
            }
        }
    }
    Ok(page)
}

/// The objects of an answer.
pub(crate) fn shown(
    page: &Page,
    bucket: &BucketEntry,
    shown: Shown,
    with_owner: bool,
) -> Option<Vec<types::Object>> {
    let objects = page.objects.iter().filter_map(|(key, version)| {
        let object = version.object.as_ref()?;
        let class = object.about.storage_class.as_deref().unwrap_or("STANDARD");
        Some(types::Object {
            key: Some(shown.text(key)),
            last_modified: Some(version.modified.0),
            e_tag: Some(etag::quoted(&object.etag)),
            checksum_algorithm: Some(vec![object.checksum.algorithm.name().into()]),
            checksum_type: Some(head::shown_type(&object.checksum)),
            size: i64::try_from(object.size).ok(),
            storage_class: Some(class.into()),
            owner: with_owner.then(|| owner::owner(bucket.account())),
            restore_status: None,
        })
    });
    Some(objects.collect()).filter(|objects: &Vec<_>| !objects.is_empty())
}
