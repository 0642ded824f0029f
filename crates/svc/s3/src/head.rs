//! What `GetObject` and `HeadObject` answer alike.

use std::ops::Range;

use garrison_api_s3::types;
use garrison_schema::ApiError;

use crate::checksum::{Algorithm, Checksum};
use crate::conditional::Conditions;
use crate::records::{Object, Version};
use crate::resolve::ObjectTarget;
use crate::{error, etag, range};

/// An answer, and which bytes of the object it is about.
pub(crate) struct Answer {
    pub(crate) head: types::HeadObjectOutput,
    pub(crate) range: Range<u64>,
}

/// The answer to a request; both operations have the same members.
///
/// # Errors
/// Those of conditions and ranges, and of objects that are not there.
pub(crate) fn answer(input: &types::HeadObjectRequest, target: &ObjectTarget) -> Result<Answer, ApiError> {
    let (version, object) = target.object()?;
    if input.sse_customer_algorithm.is_some() {
        return Err(error::invalid_request("The encryption parameters are not applicable to this object."));
    }
    let conditions = Conditions {
        if_match: input.if_match.as_deref(),
        if_none_match: input.if_none_match.as_deref(),
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
    };
    conditions.check_read(version, object)?;
    let (range, checksum) = part_or_range(input, object)?;
    let whole = range.is_none();
    let range = range.unwrap_or(0..object.size);
    let mut head = describe(target, version, object);
    head.content_length = i64::try_from(range.end - range.start).ok();
    if !whole {
        let last = range.end.saturating_sub(1);
        head.content_range = Some(format!("bytes {}-{last}/{}", range.start, object.size));
    }
    if input.part_number.is_some() && object.multipart {
        head.parts_count = i32::try_from(object.parts.len()).ok();
    }
    if input.checksum_mode == Some(types::ChecksumMode::Enabled) {
        show_checksum(&mut head, checksum);
    }
    override_headers(&mut head, input);
    Ok(Answer { head, range })
}

/// The range that is asked for, and the checksum that goes with it.
fn part_or_range<'a>(
    input: &types::HeadObjectRequest,
    object: &'a Object,
) -> Result<(Option<Range<u64>>, Option<&'a Checksum>), ApiError> {
    let Some(number) = input.part_number else {
        let range =
            input.range.as_deref().map(|header| range::parse(header, object.size)).transpose()?.flatten();
        let whole = range.as_ref().is_none_or(|range| *range == (0..object.size));
        return Ok((range, Some(&object.checksum).filter(|_| whole)));
    };
    if input.range.is_some() {
        return Err(error::invalid_request(
            "Cannot specify both Range header and partNumber query parameter",
        ));
    }
    let mut at = 0;
    for (index, part) in (1..).zip(&object.parts) {
        if index == number {
            let range = Some(at..at + part.size).filter(|range| !range.is_empty());
            let checksum = if object.multipart { part.checksum.as_ref() } else { Some(&object.checksum) };
            return Ok((range, checksum));
        }
        at += part.size;
    }
    Err(error::invalid_part_number())
}

fn describe(target: &ObjectTarget, version: &Version, object: &Object) -> types::HeadObjectOutput {
    let about = &object.about;
    types::HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        last_modified: Some(version.modified.0),
        e_tag: Some(etag::quoted(&object.etag)),
        version_id: target.shown_version(version),
        cache_control: about.cache_control.clone(),
        content_disposition: about.content_disposition.clone(),
        content_encoding: about.content_encoding.clone(),
        content_language: about.content_language.clone(),
        content_type: Some(about.content_type.clone().unwrap_or_else(|| "binary/octet-stream".to_owned())),
        expires: about.expires.clone(),
        website_redirect_location: about.redirect.clone(),
        server_side_encryption: Some(object.encryption.algorithm()),
        ssekms_key_id: object.encryption.kms_key().map(Into::into),
        bucket_key_enabled: object.encryption.bucket_key(),
        metadata: Some(about.metadata.clone()).filter(|metadata| !metadata.is_empty()),
        storage_class: about.storage_class.as_deref().map(types::StorageClass::from),
        tag_count: i32::try_from(about.tags.len()).ok().filter(|count| *count > 0),
        ..types::HeadObjectOutput::default()
    }
}

fn show_checksum(head: &mut types::HeadObjectOutput, checksum: Option<&Checksum>) {
    let Some(checksum) = checksum else { return };
    head.checksum_crc32 = checksum.of(Algorithm::Crc32);
    head.checksum_crc32_c = checksum.of(Algorithm::Crc32c);
    head.checksum_crc64_nvme = checksum.of(Algorithm::Crc64Nvme);
    head.checksum_sha1 = checksum.of(Algorithm::Sha1);
    head.checksum_sha256 = checksum.of(Algorithm::Sha256);
    head.checksum_type = Some(shown_type(checksum));
}

/// Whether a checksum is one of the whole object.
pub(crate) fn shown_type(checksum: &Checksum) -> types::ChecksumType {
    if checksum.composite { types::ChecksumType::Composite } else { types::ChecksumType::FullObject }
}

fn override_headers(head: &mut types::HeadObjectOutput, input: &types::HeadObjectRequest) {
    let overrides = [
        (&mut head.cache_control, &input.response_cache_control),
        (&mut head.content_disposition, &input.response_content_disposition),
        (&mut head.content_encoding, &input.response_content_encoding),
        (&mut head.content_language, &input.response_content_language),
        (&mut head.content_type, &input.response_content_type),
    ];
    for (header, wanted) in overrides {
        if wanted.is_some() {
            header.clone_from(wanted);
        }
    }
    if let Some(expires) = input.response_expires {
        head.expires = Some(http_date(expires));
    }
}

/// A point in time as HTTP has it (RFC 9110, section 5.6.7).
fn http_date(time: garrison_types::Timestamp) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day, hour, minute, second, _) = time.civil();
    let weekday = usize::try_from(time.as_seconds().div_euclid(86_400).rem_euclid(7)).unwrap_or_default();
    let weekday = DAYS.get(weekday).copied().unwrap_or_default();
    let month = MONTHS.get(usize::from(month).saturating_sub(1)).copied().unwrap_or_default();
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

#[cfg(test)]
mod tests {
    use garrison_types::Timestamp;

    use super::*;

    #[test]
    fn dates() {
        assert_eq!(http_date(Timestamp::from_seconds(784_111_777)), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
