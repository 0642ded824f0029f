//! Tags, as records hold them.

use garrison_api_iam::types::Tag;
use serde::{Deserialize, Serialize};

/// The tags of an entity: keys in the case that they were given in, in the order that they came in. [`crate::tagging`] has
/// the rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(pub(crate) Vec<(String, String)>);

impl Tags {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a tag, whatever the case of its key.
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        let mut tags = self.0.iter();
        tags.find(|(found, _)| found.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str())
    }

    /// As the interface writes them.
    pub(crate) fn to_api(&self) -> Vec<Tag> {
        self.0.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
    }

    /// As the interface writes them where an entity without tags has no such member.
    pub(crate) fn to_api_if_any(&self) -> Option<Vec<Tag>> {
        (!self.is_empty()).then(|| self.to_api())
    }
}
