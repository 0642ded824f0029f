//! Conditional requests.
//!
//! Source: RFC 9110, section 13; Amazon S3 User Guide, "Add preconditions to S3 operations with conditional requests".

use garrison_api_s3::types::HeadObjectOutput;
use garrison_schema::ApiError;
use garrison_types::Timestamp;

use crate::records::{Object, Version};
use crate::resolve::ObjectTarget;
use crate::{error, etag};

/// The conditions of a request that reads.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Conditions<'a> {
    pub(crate) if_match: Option<&'a str>,
    pub(crate) if_none_match: Option<&'a str>,
    pub(crate) if_modified_since: Option<Timestamp>,
    pub(crate) if_unmodified_since: Option<Timestamp>,
}

impl Conditions<'_> {
    /// Whether an object fulfils them.
    ///
    /// # Errors
    /// `PreconditionFailed`; `NotModified`, with what a cache wants to know.
    pub(crate) fn check_read(&self, version: &Version, object: &Object) -> Result<(), ApiError> {
        self.check_match(version, object)?;
        if self.is_unchanged(version, object) {
            let known = HeadObjectOutput {
                e_tag: Some(etag::quoted(&object.etag)),
                last_modified: Some(version.modified.0),
                ..HeadObjectOutput::default()
            };
            return Err(error::not_modified().with_members(known));
        }
        Ok(())
    }

    /// Whether the source of a copy fulfils them.
    ///
    /// # Errors
    /// `PreconditionFailed`.
    pub(crate) fn check_source(&self, version: &Version, object: &Object) -> Result<(), ApiError> {
        self.check_match(version, object)?;
        if self.is_unchanged(version, object) { Err(error::precondition_failed()) } else { Ok(()) }
    }

    fn check_match(&self, version: &Version, object: &Object) -> Result<(), ApiError> {
        let failed = match (self.if_match, self.if_unmodified_since) {
            (Some(wanted), _) => !etag::matches(wanted, &object.etag),
            (None, Some(since)) => version.modified.0 > since,
            (None, None) => false,
        };
        if failed { Err(error::precondition_failed()) } else { Ok(()) }
    }

    fn is_unchanged(&self, version: &Version, object: &Object) -> bool {
        match (self.if_none_match, self.if_modified_since) {
            (Some(known), _) => etag::matches(known, &object.etag),
            (None, Some(since)) => version.modified.0 <= since,
            (None, None) => false,
        }
    }
}

/// Whether an object may be written.
///
/// # Errors
/// `PreconditionFailed`; `NoSuchKey` when it should be there and is not; `NotImplemented` for other forms of
/// `If-None-Match` than `*`.
pub(crate) fn check_write(
    target: &ObjectTarget,
    if_match: Option<&str>,
    if_none_match: Option<&str>,
) -> Result<(), ApiError> {
    let current = target.current.as_ref().and_then(|current| current.value.object.as_ref());
    match if_none_match {
        None => {}
        Some("*") if current.is_some() => return Err(error::precondition_failed()),
        Some("*") => {}
        Some(_) => {
            return Err(error::not_built(
                "A header you provided implies functionality that is not implemented",
            ));
        }
    }
    match (if_match, current) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(error::no_such_key()),
        (Some(wanted), Some(object)) if etag::matches(wanted, &object.etag) => Ok(()),
        (Some(_), Some(_)) => Err(error::precondition_failed()),
    }
}
