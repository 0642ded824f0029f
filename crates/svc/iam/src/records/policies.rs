//! The policies of a user, group or role, as their records hold them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Inline policies and attached managed ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Policies {
    /// Documents of inline policies as they were given, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) inline: BTreeMap<String, String>,
    /// ARNs of managed policies, in the order in which they were attached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) attached: Vec<String>,
}

impl Policies {
    /// Whether there is none of either kind.
    pub(crate) fn is_empty(&self) -> bool {
        self.inline.is_empty() && self.attached.is_empty()
    }
}
