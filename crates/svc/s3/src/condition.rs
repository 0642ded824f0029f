//! Every condition key of S3's own, in one place.
//!
//! Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3".

use garrison_policy::Values;

use crate::records::Tags;
use crate::repo::BucketEntry;

/// What a call says of itself. An operation fills in what it has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RequestKeys<'a> {
    /// `s3:x-amz-acl`.
    pub(crate) acl: Option<&'a str>,
    /// `s3:x-amz-copy-source`.
    pub(crate) copy_source: Option<&'a str>,
    /// `s3:delimiter`.
    pub(crate) delimiter: Option<&'a str>,
    /// `s3:if-match`.
    pub(crate) if_match: Option<&'a str>,
    /// `s3:if-none-match`.
    pub(crate) if_none_match: Option<&'a str>,
    /// `s3:locationconstraint`.
    pub(crate) location: Option<&'a str>,
    /// `s3:max-keys`.
    pub(crate) max_keys: Option<i32>,
    /// `s3:x-amz-metadata-directive`.
    pub(crate) metadata_directive: Option<&'a str>,
    /// `s3:x-amz-object-ownership`.
    pub(crate) ownership: Option<&'a str>,
    /// `s3:prefix`.
    pub(crate) prefix: Option<&'a str>,
    /// `s3:x-amz-server-side-encryption`.
    pub(crate) encryption: Option<&'a str>,
    /// `s3:x-amz-server-side-encryption-aws-kms-key-id`.
    pub(crate) kms_key: Option<&'a str>,
    /// `s3:x-amz-storage-class`.
    pub(crate) storage_class: Option<&'a str>,
    /// `s3:VersionId`.
    pub(crate) version_id: Option<&'a str>,
    /// `s3:RequestObjectTag/…`, held by the operation's target.
    pub(crate) tags: Option<&'a Tags>,
    /// `s3:RequestObjectTagKeys`: the keys of the former.
    pub(crate) tag_keys: &'a [String],
    /// `s3:ExistingObjectTag/…`.
    pub(crate) existing_tags: Option<&'a Tags>,
}

/// The value of a condition key, in lower case.
pub(crate) fn value<'a>(
    bucket: Option<&'a BucketEntry>,
    request: &RequestKeys<'a>,
    key: &str,
) -> Option<Values<'a>> {
    let Some(name) = key.strip_prefix("s3:") else {
        let tag = key.strip_prefix("aws:resourcetag/")?;
        return tag_value(&bucket?.record.tags, tag);
    };
    if let Some(tag) = name.strip_prefix("existingobjecttag/") {
        return tag_value(request.existing_tags?, tag);
    }
    if let Some(tag) = name.strip_prefix("requestobjecttag/") {
        return tag_value(request.tags?, tag);
    }
    if let Some(tag) = name.strip_prefix("buckettag/") {
        return tag_value(&bucket?.record.tags, tag);
    }
    match name {
        "delimiter" => request.delimiter.map(Values::from),
        "if-match" => request.if_match.map(Values::from),
        "if-none-match" => request.if_none_match.map(Values::from),
        "locationconstraint" => request.location.map(Values::from),
        "max-keys" => request.max_keys.map(|keys| i64::from(keys).into()),
        "prefix" => request.prefix.map(Values::from),
        "requestobjecttagkeys" => Some(request.tag_keys).filter(|keys| !keys.is_empty()).map(Values::from),
        "resourceaccount" => bucket.map(|bucket| bucket.record.account.0.as_str().into()),
        "versionid" => request.version_id.map(Values::from),
        "x-amz-acl" => request.acl.map(Values::from),
        "x-amz-copy-source" => request.copy_source.map(Values::from),
        "x-amz-metadata-directive" => request.metadata_directive.map(Values::from),
        "x-amz-object-ownership" => request.ownership.map(Values::from),
        "x-amz-server-side-encryption" => request.encryption.map(Values::from),
        "x-amz-server-side-encryption-aws-kms-key-id" => request.kms_key.map(Values::from),
        "x-amz-storage-class" => request.storage_class.map(Values::from),
        _ => None,
    }
}

/// Names of condition keys come in lower case, those of tags in them too.
fn tag_value<'a>(tags: &'a Tags, name: &str) -> Option<Values<'a>> {
    tags.iter().find(|(key, _)| key.to_lowercase() == name).map(|(_, value)| value.as_str().into())
}
