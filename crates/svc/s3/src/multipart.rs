//! Multipart uploads: what their operations share.
//!
//! Source: Amazon S3 User Guide, "Uploading and copying objects using multipart upload".

use std::sync::Arc;

use garrison_api_s3::types;
use garrison_kernel::{Context, Resolved};
use garrison_schema::ApiError;
use garrison_store::{Revision, WriteSet};

use crate::checksum::{Algorithm, Checksum};
use crate::records::{self, Part, Upload};
use crate::repo::{self, Located, PAGE, layout};
use crate::resolve::ObjectTarget;
use crate::sealed::{self, Received};
use crate::service::S3;
use crate::{error, ops};

/// The greatest number of a part.
const MAX_NUMBER: i32 = 10_000;
/// The smallest part that is not the last one, in bytes.
pub(crate) const MIN_PART: u64 = 5 << 20;

/// An upload of an object.
#[derive(Debug)]
pub struct UploadTarget {
    pub(crate) object: ObjectTarget,
    pub(crate) id: String,
    pub(crate) upload: Option<Located<Upload>>,
}

impl UploadTarget {
    /// The upload.
    ///
    /// # Errors
    /// `NoSuchUpload`.
    pub(crate) fn upload(&self) -> Result<&Located<Upload>, ApiError> {
        self.upload.as_ref().ok_or_else(error::no_such_upload)
    }

    /// Its parts in the order of their numbers, and the revision that they were read at.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn parts(&self, s3: &S3) -> Result<(Vec<Located<Part>>, Revision), ApiError> {
        let range = layout::parts(&self.id);
        // Read before the parts: what changes meanwhile is noticed.
        let (_, revision) = s3.repo().scan(&range, 1).await?;
        Ok((s3.repo().all(&range).await?, revision))
    }

    /// Ends it: the record and those of its parts go.
    pub(crate) fn end(
        &self,
        writes: &mut WriteSet,
        parts: &[Located<Part>],
        revision: Revision,
    ) -> Result<(), ApiError> {
        let upload = self.upload()?;
        writes.require_range(layout::parts(&self.id), revision);
        for part in parts {
            writes.delete(part.key.clone(), part.revision);
        }
        writes.delete(upload.key.clone(), upload.revision);
        Ok(())
    }

    /// Keeps a part, in place of one with its number.
    ///
    /// # Errors
    /// `NoSuchUpload`, `RequestTimeout`; the store's.
    pub(crate) async fn keep(
        &self,
        s3: &S3,
        cx: &Context,
        number: u32,
        received: &Received,
    ) -> Result<WriteSet, ApiError> {
        let upload = self.upload()?;
        let mut writes = WriteSet::new();
        sealed::claim(s3, &mut writes, received).await?;
        writes.require(upload.key.clone(), upload.revision);
        let place = layout::part(&self.id, number);
        let part = records::encode(ops::part(cx, number, received));
        match s3.repo().get::<Part>(&place).await? {
            Some(before) => {
                repo::release(&mut writes, cx.time, [&before.value]);
                writes.replace(place, before.revision, part);
            }
            None => {
                writes.create(place, part);
            }
        }
        Ok(writes)
    }
}

impl S3 {
    /// An upload, with a question about its object.
    ///
    /// # Errors
    /// As [`S3::object`].
    pub(crate) async fn resolve_upload(
        &self,
        cx: &Context,
        name: (&str, Option<&str>),
        key: &str,
        id: &str,
    ) -> Result<Resolved<UploadTarget>, ApiError> {
        let bucket = self.bucket(name.0, name.1).await?;
        let object = self.object(bucket, key, None).await?;
        let upload = self.repo().upload(&object.bucket.name, key, id).await?;
        let check = object.check(self, cx).await?;
        let Resolved { target: object, checks, resources } = object.audited(check);
        Ok(Resolved { target: UploadTarget { object, id: id.to_owned(), upload }, checks, resources })
    }

    /// Uploads of a bucket behind a marker.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn uploads_of_key(
        &self,
        bucket: &str,
        key: &str,
    ) -> Result<Vec<Located<Upload>>, ApiError> {
        let mut range = layout::uploads_of(bucket, key);
        let mut all = Vec::new();
        loop {
            let (page, more) = self.repo().page::<Upload>(&range, PAGE).await?;
            if let Some(last) = page.last() {
                range = range.after(&last.key);
            }
            all.extend(page);
            if !more {
                return Ok(all);
            }
        }
    }
}

/// A part's number.
///
/// # Errors
/// `InvalidArgument`.
pub(crate) fn number(number: i32) -> Result<u32, ApiError> {
    let valid = u32::try_from(number).ok().filter(|_| (1..=MAX_NUMBER).contains(&number));
    valid.ok_or_else(|| {
        error::invalid_argument("Part number must be an integer between 1 and 10000, inclusive")
    })
}

/// Which checksum an upload's object gets: the algorithm, and whether it is one of the whole.
///
/// # Errors
/// `InvalidRequest` for a type that the algorithm does not have.
pub(crate) fn checksum_plan(
    algorithm: Option<&types::ChecksumAlgorithm>,
    kind: Option<&types::ChecksumType>,
) -> Result<(Algorithm, bool), ApiError> {
    let Some(algorithm) = algorithm else {
        return match kind {
            None => Ok((Algorithm::Crc64Nvme, true)),
            Some(_) => Err(error::invalid_request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
            )),
        };
    };
    let algorithm = Algorithm::parse(algorithm.as_str())?;
    let whole = match kind {
        None => algorithm == Algorithm::Crc64Nvme,
        Some(types::ChecksumType::FullObject) => true,
        Some(types::ChecksumType::Composite) => false,
        Some(types::ChecksumType::Unknown(_)) => {
            return Err(error::invalid_request("Value for x-amz-checksum-type header is invalid."));
        }
    };
    let possible = if whole { algorithm.combines() } else { algorithm != Algorithm::Crc64Nvme };
    if possible {
        return Ok((algorithm, whole));
    }
    let kind = if whole { "FULL_OBJECT" } else { "COMPOSITE" };
    let name = algorithm.name().to_lowercase();
    Err(error::invalid_request(format!(
        "The {kind} checksum type cannot be used with the {name} checksum algorithm."
    )))
}

/// Refuses a part whose checksum is of another algorithm than the upload's.
///
/// # Errors
/// `InvalidRequest`.
pub(crate) fn check_algorithm(upload: &Upload, claimed: Option<Algorithm>) -> Result<(), ApiError> {
    match claimed {
        Some(claimed) if upload.asked && claimed != upload.algorithm => {
            let (expected, actual) = (upload.algorithm.name(), claimed.name());
            Err(error::invalid_request(format!(
                "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                expected.to_lowercase(),
                actual.to_lowercase()
            )))
        }
        _ => Ok(()),
    }
}

/// The parts that a caller lists, in the order of their numbers.
///
/// # Errors
/// `MalformedXML` for none, `InvalidPartOrder`, `InvalidPart`, `EntityTooSmall`.
pub(crate) fn chosen(
    listed: &[types::CompletedPart],
    parts: &[Located<Part>],
) -> Result<Vec<Part>, ApiError> {
    if listed.is_empty() {
        return Err(error::malformed_xml());
    }
    let mut chosen: Vec<Part> = Vec::with_capacity(listed.len());
    for wanted in listed {
        let number = wanted.part_number.and_then(|number| u32::try_from(number).ok()).unwrap_or_default();
        if chosen.last().is_some_and(|last| last.number >= number) {
            return Err(error::invalid_part_order());
        }
        let at = parts.binary_search_by_key(&number, |part| part.value.number);
        let part = at.ok().and_then(|at| parts.get(at)).ok_or_else(error::invalid_part)?;
        let etag = wanted.e_tag.as_deref().unwrap_or_default().trim_matches('"');
        if etag != part.value.etag || !agrees(wanted, part.value.checksum.as_ref()) {
            return Err(error::invalid_part());
        }
        chosen.push(part.value.clone());
    }
    let (_, all_but_last) = chosen.split_last().ok_or_else(error::malformed_xml)?;
    if all_but_last.iter().any(|part| part.size < MIN_PART) {
        return Err(error::entity_too_small());
    }
    Ok(chosen)
}

fn agrees(wanted: &types::CompletedPart, checksum: Option<&Checksum>) -> bool {
    let given = crate::upload::checksums!(wanted);
    let Some(checksum) = checksum else { return true };
    given.iter().all(|(name, value)| {
        value.is_none_or(|value| *name != checksum.algorithm.name() || value == checksum.value)
    })
}

/// Who began an upload.
pub(crate) fn initiator(arn: &str) -> types::Initiator {
    types::Initiator { id: Some(arn.to_owned()), display_name: None }
}

/// What an upload is to become, for the record.
pub(crate) fn begin(
    cx: &Context,
    about: records::About,
    encryption: records::Encryption,
    plan: (Algorithm, bool),
    asked: bool,
) -> Upload {
    Upload {
        initiated: records::Time(cx.time.truncated_to_seconds()),
        initiator: Arc::clone(&cx.caller.arn).to_string(),
        about,
        encryption,
        algorithm: plan.0,
        full_object: plan.1,
        asked,
    }
}
