//! A customer managed policy.

use garrison_types::{AccountId, Partition};
use serde::{Deserialize, Serialize};

use super::{Tags, Time, first_version};
use crate::names;

/// A customer managed policy with all its versions. Who has it stands in links: see [`crate::attachments`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ManagedPolicy {
    /// The name.
    pub(crate) name: String,
    /// The path, with a slash at both ends.
    pub(crate) path: String,
    /// The unique id, `ANPA…`.
    pub(crate) id: String,
    /// When it was made.
    pub(crate) created: Time,
    /// When a version was last made or made the default.
    pub(crate) updated: Time,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// The tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    /// The number of the default version.
    pub(crate) default: u32,
    /// The greatest number that any version has had.
    pub(crate) last: u32,
    /// The versions, oldest first: at least the default one.
    pub(crate) versions: Vec<PolicyVersion>,
}

/// A version of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PolicyVersion {
    /// From 1 up; never used again.
    pub(crate) number: u32,
    /// When it was made.
    pub(crate) created: Time,
    /// The document as it was given.
    pub(crate) document: String,
}

first_version!(ManagedPolicy, "policy", name: name, id: id);

impl ManagedPolicy {
    /// `arn:PARTITION:iam::ACCOUNT:policy/PATH/NAME`.
    pub(crate) fn arn(&self, partition: Partition, account: AccountId) -> String {
        names::arn(partition, account, "policy", &self.path, &self.name)
    }

    /// A version by its id, for example `v3`.
    pub(crate) fn version(&self, id: &str) -> Option<&PolicyVersion> {
        self.versions.iter().find(|version| version.id() == id)
    }

    /// The default version.
    pub(crate) fn default_version(&self) -> Option<&PolicyVersion> {
        self.versions.iter().find(|version| version.number == self.default)
    }
}

impl PolicyVersion {
    /// `v1`, `v2` and so on.
    pub(crate) fn id(&self) -> String {
        format!("v{}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Record as _;

    #[test]
    fn records_of_the_first_release_are_read() {
        let small = br#"{"version":"1","name":"P","path":"/","id":"ANPAX","created":5,"updated":6,"default":1,"last":1,"versions":[{"number":1,"created":5,"document":"{}"}]}"#;
        let policy = ManagedPolicy::decode(small).unwrap();
        assert_eq!((policy.name(), policy.id()), ("P", Some("ANPAX")));
        assert_eq!(policy.encode(), small);
        let whole = br#"{"version":"1","name":"P","path":"/a/","id":"ANPAX","created":5,"updated":6,"description":"d","tags":[["a","b"]],"default":3,"last":4,"versions":[{"number":3,"created":5,"document":"{}"},{"number":4,"created":6,"document":"[]"}]}"#;
        let policy = ManagedPolicy::decode(whole).unwrap();
        assert_eq!(policy.default_version().unwrap().id(), "v3");
        assert_eq!(policy.version("v4").unwrap().document, "[]");
        assert!(policy.version("v1").is_none());
        assert_eq!(policy.encode(), whole);
    }
}
