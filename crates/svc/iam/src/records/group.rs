//! A group.

use garrison_types::{AccountId, Partition};
use serde::{Deserialize, Serialize};

use super::{Policies, Time, first_version};
use crate::names;

/// A group. Who is in it stands in links: see [`crate::groups`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The name.
    pub(crate) name: String,
    /// The path, with a slash at both ends.
    pub(crate) path: String,
    /// The unique id, `AGPA…`.
    pub(crate) id: String,
    /// When it was made.
    pub(crate) created: Time,
    /// Inline and attached policies.
    #[serde(default, skip_serializing_if = "Policies::is_empty")]
    pub(crate) policies: Policies,
}

first_version!(Group, "group", name: name, id: id);

impl Group {
    /// `arn:PARTITION:iam::ACCOUNT:group/PATH/NAME`.
    pub(crate) fn arn(&self, partition: Partition, account: AccountId) -> String {
        names::arn(partition, account, "group", &self.path, &self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Record as _;

    #[test]
    fn records_of_the_first_release_are_read() {
        let stored = br#"{"version":"1","name":"Admins","path":"/","id":"AGPAX","created":5,"policies":{"attached":["arn:aws:iam::aws:policy/Y"]}}"#;
        let group = Group::decode(stored).unwrap();
        assert_eq!((group.name(), group.id()), ("Admins", Some("AGPAX")));
        assert_eq!(group.encode(), stored);
    }
}
