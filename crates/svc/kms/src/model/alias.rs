//! Aliases: friendly names of keys.

use std::fmt;
use std::sync::Arc;

use garrison_types::Timestamp;

const PREFIX: &str = "alias/";
const RESERVED: &str = "alias/aws/";

/// An alias name: `alias/` and letters, digits, `/`, `_`, `-`; at most 256 characters in all.
///
/// Source: KMS API Reference, "CreateAlias".
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AliasName(Arc<str>);

/// Why a text is not an alias name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AliasNameError {
    /// It does not begin with `alias/`.
    Prefix,
    /// Nothing follows `alias/`, or a slash stands at the end.
    Empty,
    /// Other characters than letters, digits, `/`, `_`, `-` (and `:` is one of those).
    Characters,
}

impl AliasName {
    /// Reads a name; the model bounds its length.
    ///
    /// # Errors
    /// The text is no alias name.
    pub fn parse(text: &str) -> Result<Self, AliasNameError> {
        let rest = text.strip_prefix(PREFIX).ok_or(AliasNameError::Prefix)?;
        if rest.is_empty() || rest.ends_with('/') {
            return Err(AliasNameError::Empty);
        }
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-');
        if rest.bytes().all(allowed) { Ok(Self(text.into())) } else { Err(AliasNameError::Characters) }
    }

    /// The whole name, `alias/` included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Names under `alias/aws/` are AWS's.
    pub fn is_reserved(&self) -> bool {
        self.0.starts_with(RESERVED) || &*self.0 == "alias/aws"
    }

    /// The service of a name under `alias/aws/`, for example `s3`.
    pub fn managed_service(&self) -> Option<&str> {
        self.0.strip_prefix(RESERVED)
    }
}

impl fmt::Display for AliasName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An alias and the key it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alias {
    /// Its name.
    pub name: AliasName,
    /// The id of a key in the same account and region.
    pub target: Arc<str>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last pointed at a key.
    pub updated: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_form() {
        for (text, expected) in [
            ("alias/a", None),
            ("alias/a/b_c-D9", None),
            ("alias/aws/s3", None),
            ("a", Some(AliasNameError::Prefix)),
            ("Alias/a", Some(AliasNameError::Prefix)),
            ("alias/", Some(AliasNameError::Empty)),
            ("alias/a/", Some(AliasNameError::Empty)),
            ("alias/a:b", Some(AliasNameError::Characters)),
            ("alias/a b", Some(AliasNameError::Characters)),
            ("alias/ä", Some(AliasNameError::Characters)),
        ] {
            assert_eq!(AliasName::parse(text).err(), expected, "{text}");
        }
        assert_eq!(AliasName::parse("alias/aws/s3").unwrap().managed_service(), Some("s3"));
        assert!(AliasName::parse("alias/aws/s3").unwrap().is_reserved());
        assert!(!AliasName::parse("alias/awsome").unwrap().is_reserved());
    }
}
