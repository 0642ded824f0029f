//! A server certificate.

use garrison_types::{AccountId, Partition};
use serde::{Deserialize, Serialize};

use super::{Tags, Time, first_version};
use crate::names;

/// A server certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerCertificate {
    /// The name.
    pub(crate) name: String,
    /// The path, with a slash at both ends.
    pub(crate) path: String,
    /// The unique id, `ASCA…`.
    pub(crate) id: String,
    /// When it was uploaded.
    pub(crate) uploaded: Time,
    /// Until when it is valid.
    pub(crate) expires: Time,
    /// The certificate in PEM, as it was given.
    pub(crate) body: String,
    /// Those above it, in PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) chain: Option<String>,
    /// The private key in PEM, sealed for the unique id, in base64.
    pub(crate) sealed_key: String,
    /// The tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

first_version!(ServerCertificate, "server-certificate", name: name, id: id);

impl ServerCertificate {
    /// `arn:PARTITION:iam::ACCOUNT:server-certificate/PATH/NAME`.
    pub(crate) fn arn(&self, partition: Partition, account: AccountId) -> String {
        names::arn(partition, account, "server-certificate", &self.path, &self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Record as _;

    #[test]
    fn records_of_the_first_release_are_read() {
        let stored = br#"{"version":"1","name":"Web","path":"/a/","id":"ASCAX","uploaded":5,"expires":9,"body":"b","chain":"c","sealed_key":"AAAA","tags":[["k","v"]]}"#;
        let certificate = ServerCertificate::decode(stored).unwrap();
        assert_eq!((certificate.name(), certificate.id()), ("Web", Some("ASCAX")));
        assert_eq!(certificate.encode(), stored);
        let arn = certificate.arn(Partition::Aws, "111122223333".parse().unwrap());
        assert_eq!(arn, "arn:aws:iam::111122223333:server-certificate/a/Web");
    }
}
