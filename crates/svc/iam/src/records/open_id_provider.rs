//! An OpenID Connect provider.

use garrison_types::{AccountId, Partition};
use serde::{Deserialize, Serialize};

use super::{Tags, Time, first_version};
use crate::names;

/// An OpenID Connect provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenIdProvider {
    /// The issuer, without `https://`.
    pub(crate) url: String,
    /// The audiences that it takes.
    pub(crate) client_ids: Vec<String>,
    /// SHA-1 of certificates of authorities, in lower-case hex.
    pub(crate) thumbprints: Vec<String>,
    /// When it was made.
    pub(crate) created: Time,
    /// The tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

first_version!(OpenIdProvider, "oidc-provider", name: url);

impl OpenIdProvider {
    /// `arn:PARTITION:iam::ACCOUNT:oidc-provider/HOST/PATH`.
    pub(crate) fn arn(&self, partition: Partition, account: AccountId) -> String {
        names::arn(partition, account, "oidc-provider", "/", &self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Record as _;

    #[test]
    fn records_of_the_first_release_are_read() {
        let stored = br#"{"version":"1","url":"idp.example.com/x","client_ids":["a"],"thumbprints":["aa"],"created":5,"tags":[["k","v"]]}"#;
        let provider = OpenIdProvider::decode(stored).unwrap();
        assert_eq!((provider.name(), provider.id()), ("idp.example.com/x", None));
        assert_eq!(provider.encode(), stored);
        let arn = provider.arn(Partition::Aws, "111122223333".parse().unwrap());
        assert_eq!(arn, "arn:aws:iam::111122223333:oidc-provider/idp.example.com/x");
    }
}
