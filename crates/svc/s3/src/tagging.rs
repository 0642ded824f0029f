//! Tags of buckets and objects.
//!
//! Source: Amazon S3 User Guide, "Categorizing your objects using tags", "Using cost allocation S3 bucket tags".

use garrison_api_s3::types::Tag;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::records::Tags;
use crate::resolve::ObjectTarget;
use crate::{error, versions};

/// The most tags of an object.
pub(crate) const OBJECT: usize = 10;
/// The most tags of a bucket.
pub(crate) const BUCKET: usize = 50;

/// Takes tags that may be there.
///
/// # Errors
/// `BadRequest` for too many, `InvalidTag` for others that may not be.
pub(crate) fn accept(tags: &[Tag], most: usize) -> Result<Tags, ApiError> {
    let pairs = tags.iter().map(|tag| (tag.key.clone(), tag.value.clone()));
    collect(pairs, most)
}

/// Reads the `x-amz-tagging` header: `key=value&…`, as in a query string.
///
/// # Errors
/// As [`accept`]; `InvalidArgument` for another form.
pub(crate) fn parse_header(header: &str) -> Result<Tags, ApiError> {
    let wrong = || {
        error::invalid_argument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
        )
    };
    let mut pairs = Vec::new();
    for pair in header.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((decoded(key).ok_or_else(wrong)?, decoded(value).ok_or_else(wrong)?));
        if pairs.len() > 2 * BUCKET {
            return Err(too_many(OBJECT));
        }
    }
    collect(pairs.into_iter(), OBJECT)
}

/// The tags of an answer.
pub(crate) fn shown(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

/// Gives an object other tags. Says which version has them now, as answers do.
///
/// # Errors
/// Those of objects that are not there.
pub(crate) fn replace(target: &ObjectTarget, tags: Tags) -> Result<(Option<String>, WriteSet), ApiError> {
    let (version, object) = target.object()?;
    let mut object = object.clone();
    object.about.tags = tags;
    let mut writes = WriteSet::new();
    if let Some(located) = target.version() {
        let changed = crate::records::Version { object: Some(object), ..version.clone() };
        versions::update(&mut writes, target, located, &changed);
    }
    Ok((target.shown_version(version), writes))
}

fn too_many(most: usize) -> ApiError {
    let whose = if most == OBJECT { "Object" } else { "Bucket" };
    error::too_many_tags(format!("{whose} tags cannot be greater than {most}"))
}

fn collect(pairs: impl ExactSizeIterator<Item = (String, String)>, most: usize) -> Result<Tags, ApiError> {
    if pairs.len() > most {
        return Err(too_many(most));
    }
    let mut tags = Tags::new();
    for (key, value) in pairs {
        let length = key.chars().count();
        if length == 0 || length > 128 || !key.chars().all(allowed) || key.starts_with("aws:") {
            return Err(error::invalid_tag("The TagKey you have provided is invalid"));
        }
        if value.chars().count() > 256 || !value.chars().all(allowed) {
            return Err(error::invalid_tag("The TagValue you have provided is invalid"));
        }
        if tags.insert(key, value).is_some() {
            return Err(error::invalid_tag("Cannot provide multiple Tags with the same key"));
        }
    }
    Ok(tags)
}

fn allowed(character: char) -> bool {
    character.is_alphanumeric() || character.is_whitespace() || "_.:/=+-@".contains(character)
}

/// Takes the escapes off text of a query string.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.bytes());
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => digit(rest.next()?)? << 4 | digit(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_in_a_header() {
        let tags = parse_header("a=1&b=x%20y&c+d=&e").unwrap();
        let shown: Vec<_> = tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(shown, [("a", "1"), ("b", "x y"), ("c d", ""), ("e", "")]);
        let many: Vec<String> = (0..11).map(|i| format!("k{i}=v")).collect();
        for (header, error) in [
            ("a=1&a=2", "InvalidTag"),
            ("aws:a=1", "InvalidTag"),
            ("=1", "InvalidTag"),
            ("a=%3C", "InvalidTag"),
            ("a=%g0", "InvalidArgument"),
            ("a=%ff", "InvalidArgument"),
            ("a=%", "InvalidArgument"),
            (&many.join("&"), "BadRequest"),
        ] {
            assert_eq!(parse_header(header).unwrap_err().schema.name, error, "{header}");
        }
    }
}
