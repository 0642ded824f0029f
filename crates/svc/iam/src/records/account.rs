//! What an account has once: its alias, its password policy, its root user, its credential report.

use base64_simd::STANDARD;
use serde::{Deserialize, Serialize};

use super::{Time, first_version};

/// The settings of an account. Absent as long as nobody set any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccountSettings {
    /// Always [`AccountSettings::NAME`].
    pub(crate) name: String,
    /// The account's alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) alias: Option<String>,
    /// The password policy, when it is not the default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password_policy: Option<PasswordPolicy>,
    /// Which version of token the global endpoint of STS shall give: 1 or 2.
    #[serde(default = "first_token_version", skip_serializing_if = "is_first_token_version")]
    pub(crate) global_token_version: u8,
}

first_version!(AccountSettings, "account", name: name);

impl AccountSettings {
    /// The name of the only record of its kind.
    pub(crate) const NAME: &'static str = "settings";
}

impl Default for AccountSettings {
    fn default() -> Self {
        let name = Self::NAME.to_owned();
        Self { name, alias: None, password_policy: None, global_token_version: first_token_version() }
    }
}

const fn first_token_version() -> u8 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_first_token_version(version: &u8) -> bool {
    *version == first_token_version()
}

/// What passwords must be like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the switches of the interface")]
pub(crate) struct PasswordPolicy {
    /// The least number of characters.
    pub(crate) minimum_length: usize,
    /// One of `! @ # $ % ^ & * ( ) _ + - = [ ] { } | '` at least.
    pub(crate) symbols: bool,
    /// A digit at least.
    pub(crate) numbers: bool,
    /// An upper-case letter of the Latin alphabet at least.
    pub(crate) uppercase: bool,
    /// A lower-case letter of the Latin alphabet at least.
    pub(crate) lowercase: bool,
    /// Whether every user may change the own password.
    pub(crate) users_may_change: bool,
    /// After so many days a password must be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_age_days: Option<i32>,
    /// So many passwords, the current one among them, cannot be taken again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reuse_prevention: Option<usize>,
    /// Whether users cannot change an expired password when they sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hard_expiry: Option<bool>,
}

/// An account's root user. Absent as long as it has nothing but access keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RootUser {
    /// Always [`RootUser::NAME`].
    pub(crate) name: String,
    /// The serial numbers of the MFA devices that are enabled for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) mfa_devices: Vec<String>,
}

first_version!(RootUser, "root-user", name: name);

impl RootUser {
    /// The name of the only record of its kind.
    pub(crate) const NAME: &'static str = "root";

    /// A root user with MFA devices.
    pub(crate) fn new(mfa_devices: Vec<String>) -> Self {
        Self { name: Self::NAME.to_owned(), mfa_devices }
    }
}

/// A credential report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CredentialReport {
    /// Always [`CredentialReport::NAME`].
    pub(crate) name: String,
    /// When it was made.
    pub(crate) generated: Time,
    /// Base64 of the CSV.
    content: String,
}

first_version!(CredentialReport, "credential-report", name: name);

impl CredentialReport {
    /// The name of the only record of its kind.
    pub(crate) const NAME: &'static str = "report";

    /// A report.
    pub(crate) fn new(generated: Time, csv: &str) -> Self {
        Self { name: Self::NAME.to_owned(), generated, content: STANDARD.encode_to_string(csv) }
    }

    /// The CSV; none when it is not base64.
    pub(crate) fn csv(&self) -> Option<Vec<u8>> {
        STANDARD.decode_to_vec(&self.content).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Record as _;

    #[test]
    fn records_of_the_first_release_are_read() {
        let small = br#"{"version":"1","name":"settings"}"#;
        assert_eq!(AccountSettings::decode(small).unwrap(), AccountSettings::default());
        assert_eq!(AccountSettings::default().encode(), small);
        let whole = br#"{"version":"1","name":"settings","alias":"acme","password_policy":{"minimum_length":8,"symbols":true,"numbers":false,"uppercase":true,"lowercase":false,"users_may_change":true,"max_age_days":90,"reuse_prevention":5,"hard_expiry":true},"global_token_version":2}"#;
        assert_eq!(AccountSettings::decode(whole).unwrap().encode(), whole);
        let root = br#"{"version":"1","name":"root","mfa_devices":["arn:aws:iam::111122223333:mfa/x"]}"#;
        assert_eq!(RootUser::decode(root).unwrap().encode(), root);
        let report = br#"{"version":"1","name":"report","generated":5,"content":"YQ=="}"#;
        assert_eq!(CredentialReport::decode(report).unwrap(), CredentialReport::new(Time::from(5), "a"));
        assert_eq!(CredentialReport::decode(report).unwrap().csv().unwrap(), b"a");
    }
}
