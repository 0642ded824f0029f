//! Tags of log groups.
//!
//! Source: CloudWatch Logs API Reference, "TagResource"; the model checks the characters and lengths.

use garrison_api_logs::errors as api;
use garrison_schema::ApiError;

use crate::error;
use crate::records::Tags;

/// The most tags of one group.
const MAX_TAGS: usize = 50;
/// Keys that begin with this (in any case) are AWS's.
const RESERVED: &str = "aws:";

/// Puts tags on top of those that a group has.
///
/// # Errors
/// `InvalidParameterException` for a reserved key, `TooManyTagsException` for too many tags.
pub(crate) fn add(tags: &mut Tags, new: &Tags) -> Result<(), ApiError> {
    let reserved =
        |key: &&String| key.get(..RESERVED.len()).is_some_and(|start| start.eq_ignore_ascii_case(RESERVED));
    if new.keys().find(reserved).is_some() {
        return Err(error::invalid("aws: prefixed tag key names are not allowed for external use."));
    }
    tags.extend(new.iter().map(|(key, value)| (key.clone(), value.clone())));
    if tags.len() > MAX_TAGS {
        return Err(api::too_many_tags_exception(format!("A resource can have at most {MAX_TAGS} tags.")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_checked() {
        let tag = |key: &str| Tags::from([(key.to_owned(), "v".to_owned())]);
        let mut tags = tag("a");
        add(&mut tags, &tag("b")).unwrap();
        assert_eq!(tags.len(), 2);
        assert_eq!(add(&mut tags, &tag("AWS:x")).unwrap_err().schema.name, "InvalidParameterException");
        let many = (0..49).map(|n| (format!("k{n}"), String::new())).collect();
        assert_eq!(add(&mut tags, &many).unwrap_err().schema.name, "TooManyTagsException");
    }
}
