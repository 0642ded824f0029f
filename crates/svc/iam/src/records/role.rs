//! A role.

use garrison_types::{AccountId, Partition};
use serde::{Deserialize, Serialize};

use super::{Policies, Tags, Time, first_version};
use crate::names;

/// A role. Which instance profiles it is in stands in links: see [`crate::instance_profiles`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The name.
    pub(crate) name: String,
    /// The path, with a slash at both ends.
    pub(crate) path: String,
    /// The unique id, `AROA…`.
    pub(crate) id: String,
    /// When it was made.
    pub(crate) created: Time,
    /// The trust policy as it was given.
    pub(crate) trust: String,
    /// The longest session, in seconds.
    pub(crate) max_session: i32,
    /// The description; none when none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// The tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    /// The ARN of the permissions boundary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) boundary: Option<String>,
    /// Inline and attached policies.
    #[serde(default, skip_serializing_if = "Policies::is_empty")]
    pub(crate) policies: Policies,
}

first_version!(Role, "role", name: name, id: id);

/// The longest session of a role for which nobody said another.
pub(crate) const DEFAULT_MAX_SESSION: i32 = 3600;
/// Under this path are the roles that only a service can use and change.
pub(crate) const SERVICE_LINKED_PATH: &str = "/aws-service-role/";

impl Role {
    /// `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`.
    pub(crate) fn arn(&self, partition: Partition, account: AccountId) -> String {
        names::arn(partition, account, "role", &self.path, &self.name)
    }

    /// Whether only a service can use and change it.
    pub(crate) fn is_service_linked(&self) -> bool {
        self.path.starts_with(SERVICE_LINKED_PATH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Record as _;

    #[test]
    fn records_of_the_first_release_are_read() {
        let small = br#"{"version":"1","name":"App","path":"/","id":"AROAX","created":5,"trust":"{}","max_session":3600}"#;
        let role = Role::decode(small).unwrap();
        assert_eq!((role.name(), role.id(), role.max_session), ("App", Some("AROAX"), DEFAULT_MAX_SESSION));
        assert_eq!(role.encode(), small);
        let whole = br#"{"version":"1","name":"AWSServiceRoleForX","path":"/aws-service-role/x.amazonaws.com/","id":"AROAX","created":5,"trust":"{}","max_session":7200,"description":"d","tags":[["a","b"]],"boundary":"arn:aws:iam::aws:policy/X","policies":{"inline":{"p":"{}"},"attached":["arn:aws:iam::aws:policy/Y"]}}"#;
        let role = Role::decode(whole).unwrap();
        assert!(role.is_service_linked());
        assert_eq!(role.encode(), whole);
    }
}
