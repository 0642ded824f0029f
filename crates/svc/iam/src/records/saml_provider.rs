//! A SAML provider.

use garrison_api_iam::types::AssertionEncryptionModeType;
use garrison_types::{AccountId, Partition};
use serde::{Deserialize, Serialize};

use super::{Tags, Time, first_version};
use crate::names;

/// A SAML provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlProvider {
    /// The name.
    pub(crate) name: String,
    /// The provider's unique id, which its single sign-on URL has.
    pub(crate) uuid: String,
    /// The metadata document as it was given.
    pub(crate) metadata: String,
    /// Until when the metadata holds.
    pub(crate) valid_until: Time,
    /// When it was made.
    pub(crate) created: Time,
    /// Whether assertions must be encrypted: `Required` or `Allowed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) encryption: Option<String>,
    /// The keys that assertions may be encrypted for, in the order in which they were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) keys: Vec<SamlKey>,
    /// The tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

first_version!(SamlProvider, "saml-provider", name: name);

/// A private key of a SAML provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SamlKey {
    /// Its id.
    pub(crate) id: String,
    /// When it was added.
    pub(crate) added: Time,
    /// The key in PKCS#8 DER, sealed for this provider's name and the key's id, in base64.
    pub(crate) sealed: String,
}

impl SamlProvider {
    /// Whether assertions must be encrypted.
    pub(crate) fn encryption_required(&self) -> bool {
        self.encryption.as_deref() == Some(AssertionEncryptionModeType::Required.as_str())
    }

    /// `arn:PARTITION:iam::ACCOUNT:saml-provider/NAME`.
    pub(crate) fn arn(&self, partition: Partition, account: AccountId) -> String {
        names::arn(partition, account, "saml-provider", "/", &self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Record as _;

    #[test]
    fn records_of_the_first_release_are_read() {
        let stored = br#"{"version":"1","name":"Idp","uuid":"u","metadata":"<x/>","valid_until":9,"created":5,"encryption":"Required","keys":[{"id":"K","added":6,"sealed":"AAAA"}],"tags":[["k","v"]]}"#;
        let provider = SamlProvider::decode(stored).unwrap();
        assert_eq!((provider.name(), provider.id()), ("Idp", None));
        assert_eq!(provider.encode(), stored);
        let small =
            br#"{"version":"1","name":"Idp","uuid":"u","metadata":"<x/>","valid_until":9,"created":5}"#;
        assert_eq!(SamlProvider::decode(small).unwrap().encode(), small);
    }
}
