//! Tags: what keys may carry.
//!
//! Source: KMS API Reference, "TagResource"; AWS General Reference, "Tagging AWS resources".

use std::collections::BTreeMap;

use garrison_api_kms::errors as api;
use garrison_api_kms::types::Tag;
use garrison_schema::ApiError;

/// The most tags of one key.
const MAX_TAGS: usize = 50;
/// Keys that begin with this (in any case) are AWS's.
const RESERVED: &str = "aws:";

/// Puts tags on top of those that a key has.
///
/// # Errors
/// `TagException` for a reserved, malformed or repeated key, `LimitExceededException` for too many.
pub(crate) fn add(tags: &mut BTreeMap<String, String>, new: &[Tag]) -> Result<(), ApiError> {
    let mut added = BTreeMap::new();
    for tag in new {
        check_key(&tag.tag_key)?;
        if !tag.tag_value.chars().all(is_allowed) {
            return Err(api::tag_exception(format!(
                "The tag value of `{}` has invalid characters.",
                tag.tag_key
            )));
        }
        if added.insert(tag.tag_key.clone(), tag.tag_value.clone()).is_some() {
            return Err(api::tag_exception("Tags contain a duplicate key."));
        }
    }
    tags.append(&mut added);
    if tags.len() > MAX_TAGS {
        return Err(api::limit_exceeded_exception(format!("A key can have at most {MAX_TAGS} tags.")));
    }
    Ok(())
}

/// Takes tags off; absent ones are no error.
///
/// # Errors
/// `TagException` for a reserved key.
pub(crate) fn remove(tags: &mut BTreeMap<String, String>, keys: &[String]) -> Result<(), ApiError> {
    for key in keys {
        check_key(key)?;
        tags.remove(key);
    }
    Ok(())
}

/// Tags as the interface writes them, in the order of their keys.
pub(crate) fn list(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { tag_key: key.clone(), tag_value: value.clone() }).collect()
}

fn check_key(key: &str) -> Result<(), ApiError> {
    let reserved = key.get(..RESERVED.len()).is_some_and(|start| start.eq_ignore_ascii_case(RESERVED));
    if reserved {
        return Err(api::tag_exception("aws: prefixed tag key names are not allowed for external use."));
    }
    if key.is_empty() || !key.chars().all(is_allowed) {
        return Err(api::tag_exception(format!("The tag key `{key}` is not valid.")));
    }
    Ok(())
}

/// Letters, digits, whitespace and `_.:/=+-@`, in any script.
fn is_allowed(c: char) -> bool {
    c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag { tag_key: key.into(), tag_value: value.into() }
    }

    #[test]
    fn tags_are_checked() {
        let mut tags = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
        add(&mut tags, &[tag("a", "2"), tag("Ümläut key", "x@y")]).unwrap();
        assert_eq!(tags.len(), 2);
        assert_eq!(tags["a"], "2");
        for (bad, error) in [
            (vec![tag("aws:x", "")], "TagException"),
            (vec![tag("AWS:x", "")], "TagException"),
            (vec![tag("b", "1"), tag("b", "2")], "TagException"),
            (vec![tag("b#", "1")], "TagException"),
            (vec![tag("b", "a;b")], "TagException"),
            ((0..49).map(|i| tag(&format!("k{i}"), "")).collect(), "LimitExceededException"),
        ] {
            assert_eq!(add(&mut tags.clone(), &bad).unwrap_err().schema.name, error, "{bad:?}");
        }
        remove(&mut tags, &["a".to_owned(), "absent".to_owned()]).unwrap();
        assert_eq!(tags.len(), 1);
        assert_eq!(remove(&mut tags, &["aws:x".to_owned()]).unwrap_err().schema.name, "TagException");
    }
}
