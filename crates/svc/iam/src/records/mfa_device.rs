//! A virtual MFA device.

use garrison_types::{AccountId, Partition};
use serde::{Deserialize, Serialize};

use super::{Tags, Time, first_version};

/// A virtual MFA device. Its serial number is its ARN; path and name together are unique.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MfaDevice {
    /// The path and the name: what stands behind `mfa` in the ARN.
    pub(crate) path_and_name: String,
    /// When it was made.
    pub(crate) created: Time,
    /// The sealed seed (see `crate::sealing`).
    pub(crate) sealed_seed: String,
    /// The tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    /// Whose it is, when it is enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) enabled: Option<Enabled>,
}

/// How a device is in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Enabled {
    /// A user's unique id, or `root`.
    pub(crate) owner: String,
    /// Since when.
    pub(crate) since: Time,
    /// The time step of the last code that was taken: no code of it or an earlier one is taken again.
    pub(crate) last_step: i64,
    /// So many time steps the device's clock is ahead.
    #[serde(default)]
    pub(crate) drift: i64,
}

first_version!(MfaDevice, "mfa", name: path_and_name);

impl MfaDevice {
    /// The serial number: `arn:PARTITION:iam::ACCOUNT:mfa/PATH/NAME`.
    pub(crate) fn serial_number(&self, partition: Partition, account: AccountId) -> String {
        format!("arn:{}:iam::{account}:mfa{}", partition.as_str(), self.path_and_name)
    }

    /// The path and name of the device with this serial number; none when it is no virtual device of the account.
    pub(crate) fn path_and_name_of(serial_number: &str, account: AccountId) -> Option<&str> {
        let (arn, rest) = serial_number.split_once(":mfa/").map(|(arn, rest)| (arn, rest.len() + 1))?;
        let own = ["aws", "aws-cn", "aws-us-gov"].iter().any(|p| arn == format!("arn:{p}:iam::{account}"));
        let start = serial_number.len().checked_sub(rest)?;
        if own { serial_number.get(start..) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Record as _;

    #[test]
    fn records_of_the_first_release_are_read() {
        let free = br#"{"version":"1","path_and_name":"/a/bob","created":5,"sealed_seed":"AQID"}"#;
        assert_eq!(MfaDevice::decode(free).unwrap().encode(), free);
        let used = br#"{"version":"1","path_and_name":"/bob","created":5,"sealed_seed":"AQID","tags":[["a","b"]],"enabled":{"owner":"AIDAX","since":6,"last_step":7,"drift":-1}}"#;
        assert_eq!(MfaDevice::decode(used).unwrap().encode(), used);
    }

    #[test]
    fn serial_numbers_name_devices_of_one_account() {
        let account = "111122223333".parse().unwrap();
        for (serial_number, found) in [
            ("arn:aws:iam::111122223333:mfa/bob", Some("/bob")),
            ("arn:aws-cn:iam::111122223333:mfa/a/b/bob", Some("/a/b/bob")),
            ("arn:aws:iam::444455556666:mfa/bob", None),
            ("arn:aws:iam::111122223333:user/bob", None),
            ("GAHT12345678", None),
        ] {
            assert_eq!(MfaDevice::path_and_name_of(serial_number, account), found, "{serial_number}");
        }
    }
}
