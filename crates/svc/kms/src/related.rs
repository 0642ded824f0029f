//! Related multi-Region keys: finding and changing them together.

use std::sync::Arc;

use garrison_api_kms::errors as api;
use garrison_kernel::{Context, errors};
use garrison_schema::ApiError;
use garrison_store::WriteSet;
use garrison_types::Region;

use crate::error;
use crate::model::{KeySnapshot, MultiRegion, MultiRegionRole};
use crate::repo;
use crate::service::Kms;

impl Kms {
    /// The keys related to a multi-Region key in other regions; none for a single-Region key.
    ///
    /// # Errors
    /// The store failed, or does not hold a relative that the key names.
    pub(crate) async fn related_keys(&self, key: &KeySnapshot) -> Result<Vec<Arc<KeySnapshot>>, ApiError> {
        let address = &key.key.address;
        let mut found = Vec::new();
        for region in key.key.multi_region.iter().flat_map(MultiRegion::regions) {
            if *region != address.region {
                let relative = address.in_region(region.clone());
                let missing = || error::corrupt(format!("{} is missing", relative.arn()));
                found.push(self.repo().key(&relative).await?.ok_or_else(missing)?);
            }
        }
        Ok(found)
    }
}

/// Says the same new relations in the records of all related keys.
pub(crate) fn relate(writes: &mut WriteSet, keys: &[Arc<KeySnapshot>], related: &MultiRegion) {
    for snapshot in keys {
        let mut key = snapshot.key.clone();
        key.multi_region = Some(related.clone());
        repo::replace_key(writes, snapshot, &key);
    }
}

/// The relations of a multi-Region primary key.
///
/// # Errors
/// `UnsupportedOperationException` for a single-Region or a replica key.
pub(crate) fn of_primary(key: &KeySnapshot) -> Result<&MultiRegion, ApiError> {
    let is_primary =
        |related: &&MultiRegion| related.role(&key.key.address.region) == MultiRegionRole::Primary;
    let message =
        || api::unsupported_operation_exception(format!("{} is not a multi-Region primary key.", key.arn));
    key.key.multi_region.as_ref().filter(is_primary).ok_or_else(message)
}

/// Reads a region that a related key is, or shall be, in.
///
/// # Errors
/// `ValidationException` for no region's name, the called region, or a region of another partition.
pub(crate) fn region(cx: &Context, text: &str, member: &str) -> Result<Region, ApiError> {
    let refuse = |why: &str| errors::validation(format!("{member} `{text}` {why}."));
    let region: Region = text.parse().map_err(|_| refuse("is not a region"))?;
    if region == cx.region {
        return Err(refuse("is the region of the request"));
    }
    if region.partition() != cx.partition() {
        return Err(refuse("is in another partition"));
    }
    Ok(region)
}
