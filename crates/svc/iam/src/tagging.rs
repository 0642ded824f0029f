//! The rules of tags.
//!
//! Source: AWS IAM User Guide, "Tags for AWS Identity and Access Management resources": keys keep their case and are
//! compared without it, `aws:` is reserved, 50 tags at most.

use garrison_api_iam::errors as api;
use garrison_api_iam::types::Tag;
use garrison_kernel::{Check, Resolved};
use garrison_schema::ApiError;

use crate::records::Tags;

/// The most tags of one entity.
const MAX_TAGS: usize = 50;
/// Keys that begin with this (in any case) are AWS's.
const RESERVED: &str = "aws:";

/// The tags of a new entity.
///
/// # Errors
/// As [`add`].
pub(crate) fn of_new(given: Option<&[Tag]>) -> Result<Tags, ApiError> {
    let mut tags = Tags::default();
    add(&mut tags, given.unwrap_or_default())?;
    Ok(tags)
}

/// Puts tags on top of those that an entity has.
///
/// # Errors
/// `InvalidInput` for a reserved, malformed or repeated key, `LimitExceeded` for too many.
pub(crate) fn add(tags: &mut Tags, given: &[Tag]) -> Result<(), ApiError> {
    for (index, tag) in given.iter().enumerate() {
        check_key(&tag.key)?;
        if !tag.value.chars().all(is_allowed) {
            return Err(api::invalid_input_exception(format!(
                "The value of the tag `{}` has characters that are not allowed.",
                tag.key
            )));
        }
        if given.iter().take(index).any(|other| other.key.eq_ignore_ascii_case(&tag.key)) {
            return Err(api::invalid_input_exception(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
    }
    for tag in given {
        let new = (tag.key.clone(), tag.value.clone());
        match tags.0.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(&tag.key)) {
            Some(old) => *old = new,
            None => tags.0.push(new),
        }
    }
    if tags.0.len() > MAX_TAGS {
        return Err(api::limit_exceeded_exception("The number of tags has reached the maximum limit."));
    }
    Ok(())
}

/// Takes tags off; absent ones are no error.
///
/// # Errors
/// `InvalidInput` for a reserved key.
pub(crate) fn remove(tags: &mut Tags, keys: &[String]) -> Result<(), ApiError> {
    for key in keys {
        check_key(key)?;
        tags.0.retain(|(found, _)| !found.eq_ignore_ascii_case(key));
    }
    Ok(())
}

/// The keys of given tags: `aws:TagKeys`, for an operation's target to hold.
pub(crate) fn keys(given: Option<&[Tag]>) -> Vec<String> {
    given.unwrap_or_default().iter().map(|tag| tag.key.clone()).collect()
}

/// A new entity with its question, and with tags a second one, for the action that tags it: its condition keys are those of
/// the first.
pub(crate) fn resolved<T>(
    target: T,
    check: Check,
    action: &'static str,
    given: Option<&[Tag]>,
) -> Resolved<T> {
    let tagging = given.is_some_and(|tags| !tags.is_empty()).then(|| check.clone().action(action));
    let resolved = Resolved::new(target, check);
    match tagging {
        Some(tagging) => resolved.and(tagging),
        None => resolved,
    }
}

fn check_key(key: &str) -> Result<(), ApiError> {
    if key.get(..RESERVED.len()).is_some_and(|start| start.eq_ignore_ascii_case(RESERVED)) {
        return Err(api::invalid_input_exception(
            "aws: prefixed tag key names are not allowed for external use.",
        ));
    }
    if key.is_empty() || !key.chars().all(is_allowed) {
        return Err(api::invalid_input_exception(format!("The tag key `{key}` is not valid.")));
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
        Tag { key: key.into(), value: value.into() }
    }

    #[test]
    fn tags_are_checked_and_merged() {
        let mut tags = of_new(Some(&[tag("Department", "finance"), tag("b", "")])).unwrap();
        add(&mut tags, &[tag("department", "hr"), tag("Ümläut key", "x@y")]).unwrap();
        assert_eq!(tags.0.len(), 3);
        assert_eq!(tags.0[0], ("department".to_owned(), "hr".to_owned()), "the newest case stays");
        assert_eq!(tags.value("DEPARTMENT"), Some("hr"));
        for (bad, error) in [
            (vec![tag("aws:x", "")], "InvalidInputException"),
            (vec![tag("AWS:x", "")], "InvalidInputException"),
            (vec![tag("x", "1"), tag("X", "2")], "InvalidInputException"),
            (vec![tag("b#", "1")], "InvalidInputException"),
            (vec![tag("b", "a;b")], "InvalidInputException"),
            ((0..48).map(|i| tag(&format!("k{i}"), "")).collect(), "LimitExceededException"),
        ] {
            assert_eq!(add(&mut tags.clone(), &bad).unwrap_err().schema.name, error, "{bad:?}");
        }
        remove(&mut tags, &["B".to_owned(), "absent".to_owned()]).unwrap();
        assert_eq!(tags.0.len(), 2);
        assert!(remove(&mut tags, &["aws:x".to_owned()]).is_err());
    }
}
