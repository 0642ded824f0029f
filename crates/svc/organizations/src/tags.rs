//! Tags of roots, units, accounts, policies, resource policies and transfers.
//!
//! Source: Organizations User Guide, "Tagging AWS Organizations resources": 50 a resource, none that begins with `aws:`.

use garrison_api_organizations::types::Tag;
use garrison_schema::ApiError;

use crate::error::{self, Constraint, Invalid};
use crate::records::Tags;

/// The most tags of one resource.
const MAX_TAGS: usize = 50;

/// Puts tags on top of those that something has.
///
/// # Errors
/// `InvalidInputException` for a reserved or repeated key, `ConstraintViolationException` for too many.
pub(crate) fn add(tags: &mut Tags, new: &[Tag]) -> Result<(), ApiError> {
    let mut added = Tags::new();
    for tag in new {
        check_key(&tag.key)?;
        if added.insert(tag.key.clone(), tag.value.clone()).is_some() {
            return Err(error::invalid(
                Invalid::DuplicateTagKey,
                "Tag keys must be unique among the tags attached to the same entity.",
            ));
        }
    }
    tags.append(&mut added);
    if tags.len() > MAX_TAGS {
        return Err(error::constraint(
            Constraint::MaxTagLimitExceeded,
            "You have exceeded the number of tags allowed on this resource.",
        ));
    }
    Ok(())
}

/// The tags of something new.
///
/// # Errors
/// As [`add`].
pub(crate) fn of(new: Option<&[Tag]>) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    add(&mut tags, new.unwrap_or_default())?;
    Ok(tags)
}

/// Takes tags off; absent ones are no error.
///
/// # Errors
/// `InvalidInputException` for a reserved key.
pub(crate) fn remove(tags: &mut Tags, keys: &[String]) -> Result<(), ApiError> {
    for key in keys {
        check_key(key)?;
        tags.remove(key);
    }
    Ok(())
}

fn check_key(key: &str) -> Result<(), ApiError> {
    let reserved = key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
    if reserved {
        return Err(error::invalid(
            Invalid::InvalidSystemTagsParameter,
            "You specified a tag key that is a system tag. System tag keys are reserved for AWS use.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str) -> Tag {
        Tag { key: key.to_owned(), value: "v".to_owned() }
    }

    #[test]
    fn tags_are_checked() {
        let mut tags = of(Some(&[tag("a")])).unwrap();
        add(&mut tags, &[tag("a"), tag("b")]).unwrap();
        assert_eq!(tags.len(), 2);
        for (bad, error) in [
            (vec![tag("aws:x")], "InvalidInputException"),
            (vec![tag("AWS:x")], "InvalidInputException"),
            (vec![tag("c"), tag("c")], "InvalidInputException"),
            ((0..49).map(|n| tag(&format!("k{n}"))).collect(), "ConstraintViolationException"),
        ] {
            assert_eq!(add(&mut tags.clone(), &bad).unwrap_err().schema.name, error);
        }
        remove(&mut tags, &["a".to_owned(), "absent".to_owned()]).unwrap();
        assert_eq!(tags.len(), 1);
        assert_eq!(
            remove(&mut tags, &["aws:x".to_owned()]).unwrap_err().schema.name,
            "InvalidInputException"
        );
    }
}
