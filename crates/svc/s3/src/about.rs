//! What an uploader says of an object: headers, metadata, tags, storage class.

use garrison_api_s3::types::StorageClass;
use garrison_schema::ApiError;

use crate::records::{About, Ownership};
use crate::repo::BucketEntry;
use crate::{error, tagging};

/// The most bytes of user metadata, keys and values together.
const MAX_METADATA: usize = 2048;

/// Reads it from any of the inputs that have these members.
macro_rules! about {
    ($input:expr) => {
        $crate::about::accept(
            $crate::records::About {
                storage_class: None,
                content_type: $input.content_type.clone(),
                cache_control: $input.cache_control.clone(),
                content_disposition: $input.content_disposition.clone(),
                content_encoding: $input.content_encoding.clone(),
                content_language: $input.content_language.clone(),
                expires: $input.expires.clone(),
                redirect: $input.website_redirect_location.clone(),
                metadata: $input.metadata.clone().unwrap_or_default(),
                tags: $crate::records::Tags::new(),
            },
            $input.storage_class.as_ref(),
            $input.tagging.as_deref(),
        )
    };
}
pub(crate) use about;

/// Refuses what of it may not be.
///
/// # Errors
/// `MetadataTooLarge`, `InvalidStorageClass`, and those of tags.
pub(crate) fn accept(
    about: About,
    storage_class: Option<&StorageClass>,
    tags: Option<&str>,
) -> Result<About, ApiError> {
    let size: usize = about.metadata.iter().map(|(key, value)| key.len() + value.len()).sum();
    if size > MAX_METADATA {
        return Err(error::metadata_too_large());
    }
    let storage_class = storage_class.map(accept_class).transpose()?.flatten();
    let tags = tags.map(tagging::parse_header).transpose()?.unwrap_or_default();
    Ok(About { storage_class, tags, ..about })
}

/// The storage classes from which objects can be read at once; `STANDARD` is not written down.
fn accept_class(class: &StorageClass) -> Result<Option<String>, ApiError> {
    match class {
        StorageClass::Standard => Ok(None),
        StorageClass::ReducedRedundancy
        | StorageClass::StandardIa
        | StorageClass::OnezoneIa
        | StorageClass::IntelligentTiering
        | StorageClass::GlacierIr => Ok(Some(class.as_str().to_owned())),
        StorageClass::Glacier | StorageClass::DeepArchive => Err(error::not_built(
            "There is no archive: the storage classes GLACIER and DEEP_ARCHIVE are not built.",
        )),
        _ => Err(error::invalid_storage_class()),
    }
}

/// Refuses ACLs that cannot be kept: only those that say what holds without them.
///
/// # Errors
/// `AccessControlListNotSupported` where the bucket's owner owns everything, else `NotImplemented`.
pub(crate) fn check_acl(bucket: &BucketEntry, acl: Option<&str>, has_grants: bool) -> Result<(), ApiError> {
    let harmless = matches!(acl, None | Some("private" | "bucket-owner-full-control"));
    let enforced = bucket.record.ownership == Some(Ownership::BucketOwnerEnforced);
    match (acl, has_grants) {
        (Some("bucket-owner-full-control") | None, false) => Ok(()),
        _ if enforced => Err(error::acl_not_supported()),
        (_, false) if harmless => Ok(()),
        _ => Err(error::not_built("Access control lists other than private are not built.")),
    }
}

/// Refuses what object lock would have to keep.
///
/// # Errors
/// `NotImplemented`.
pub(crate) fn check_lock(asked: bool) -> Result<(), ApiError> {
    if asked { Err(error::not_built("Object lock is not built.")) } else { Ok(()) }
}
