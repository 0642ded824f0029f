//! An instance profile.

use garrison_types::{AccountId, Partition};
use serde::{Deserialize, Serialize};

use super::{Tags, Time, first_version};
use crate::names;

/// An instance profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// The name.
    pub(crate) name: String,
    /// The path, with a slash at both ends.
    pub(crate) path: String,
    /// The unique id, `AIPA…`.
    pub(crate) id: String,
    /// When it was made.
    pub(crate) created: Time,
    /// The tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    /// The unique id of its role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
}

first_version!(InstanceProfile, "instance-profile", name: name, id: id);

impl InstanceProfile {
    /// `arn:PARTITION:iam::ACCOUNT:instance-profile/PATH/NAME`.
    pub(crate) fn arn(&self, partition: Partition, account: AccountId) -> String {
        names::arn(partition, account, "instance-profile", &self.path, &self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Record as _;

    #[test]
    fn records_of_the_first_release_are_read() {
        let whole = br#"{"version":"1","name":"I","path":"/","id":"AIPAX","created":5,"tags":[["a","b"]],"role":"AROAX"}"#;
        let profile = InstanceProfile::decode(whole).unwrap();
        assert_eq!((profile.name(), profile.id()), ("I", Some("AIPAX")));
        assert_eq!(profile.encode(), whole);
    }
}
