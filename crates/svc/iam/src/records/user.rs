//! A user.

use std::sync::Arc;

use garrison_kernel::{Principal, principal};
use garrison_types::{AccountId, Partition};
use serde::{Deserialize, Serialize};

use super::{Policies, Tags, Time, first_version};
use crate::names;

/// A user, with everything that is bounded by a small quota. Who is in a group stands in links as well: see
/// [`crate::groups`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name.
    pub(crate) name: String,
    /// The path, with a slash at both ends.
    pub(crate) path: String,
    /// The unique id, `AIDA…`.
    pub(crate) id: String,
    /// When it was made.
    pub(crate) created: Time,
    /// The tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    /// The ARN of the permissions boundary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) boundary: Option<String>,
    /// Inline and attached policies.
    #[serde(default, skip_serializing_if = "Policies::is_empty")]
    pub(crate) policies: Policies,
    /// The unique ids of the groups that the user is in, in the order of joining.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) groups: Vec<String>,
    /// The ids of the user's access keys, in the order in which they were made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) access_keys: Vec<String>,
    /// The serial numbers of the MFA devices that are enabled for the user, in that order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) mfa_devices: Vec<String>,
    /// The login profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<Password>,
    /// The ids of credentials beside access keys (SSH keys, signing certificates, service-specific ones), by kind and
    /// id: for deleting the user, which must have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) other_credentials: Vec<(String, String)>,
}

first_version!(User, "user", name: name, id: id);

/// A user's password: hashes, never the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Password {
    /// The hash of the current one, as `crate::passwords` writes it.
    pub(crate) hash: String,
    /// When the login profile was made.
    pub(crate) created: Time,
    /// When the password was last set.
    pub(crate) changed: Time,
    /// Whether the user must set another one when signing in.
    pub(crate) reset_required: bool,
    /// The hashes of those before, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) former: Vec<String>,
}

impl User {
    /// `arn:PARTITION:iam::ACCOUNT:user/PATH/NAME`.
    pub(crate) fn arn(&self, partition: Partition, account: AccountId) -> String {
        names::arn(partition, account, "user", &self.path, &self.name)
    }

    /// The user as a principal.
    pub(crate) fn principal(&self, partition: Partition, account: AccountId) -> Principal {
        Principal::User(Arc::new(principal::User {
            account,
            name: self.name.as_str().into(),
            id: self.id.as_str().into(),
            arn: self.arn(partition, account).into(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Record as _;

    #[test]
    fn records_of_the_first_release_are_read() {
        let small = br#"{"version":"1","name":"Bob","path":"/a/","id":"AIDAX","created":5}"#;
        let user = User::decode(small).unwrap();
        assert_eq!((user.name(), user.id(), user.created), ("Bob", Some("AIDAX"), Time::from(5)));
        assert_eq!(user.encode(), small);
        let whole = br#"{"version":"1","name":"Bob","path":"/a/","id":"AIDAX","created":5,"tags":[["a","b"]],"boundary":"arn:aws:iam::aws:policy/X","policies":{"inline":{"p":"{}"},"attached":["arn:aws:iam::aws:policy/Y"]},"groups":["AGPAX"],"access_keys":["AKIAX"],"mfa_devices":["arn:aws:iam::111122223333:mfa/x"],"password":{"hash":"h","created":6,"changed":7,"reset_required":true,"former":["g"]},"other_credentials":[["ssh","APKAX"]]}"#;
        let user = User::decode(whole).unwrap();
        assert_eq!(user.encode(), whole);
        assert_eq!(
            user.arn(Partition::Aws, "111122223333".parse().unwrap()),
            "arn:aws:iam::111122223333:user/a/Bob"
        );
        assert!(User::decode(br#"{"version":"2"}"#).is_err());
    }
}
