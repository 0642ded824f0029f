//! When something was last used.

use serde::{Deserialize, Serialize};

use super::{Time, from_json, to_json};

/// The last use of an access key or of a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastUse {
    /// When, to the second.
    pub(crate) at: Time,
    /// The service that was called, by its signing name. The first records of roles do not have it.
    #[serde(default)]
    pub(crate) service: String,
    /// The region of the signature's scope.
    pub(crate) region: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Stored {
    #[serde(rename = "1")]
    V1(LastUse),
}

impl LastUse {
    /// The stored form.
    pub(crate) fn encode(self) -> Vec<u8> {
        to_json(&Stored::V1(self))
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// It is none.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let Stored::V1(last_use) = from_json(bytes)?;
        Ok(last_use)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_every_release_are_read() {
        let used = br#"{"version":"1","at":5000,"service":"kms","region":"eu-central-1"}"#;
        assert_eq!(LastUse::decode(used).unwrap().encode(), used);
        let of_role = br#"{"version":"1","at":5000,"region":"eu-central-1"}"#;
        let expected =
            LastUse { at: Time::from(5000), service: String::new(), region: "eu-central-1".into() };
        assert_eq!(LastUse::decode(of_role).unwrap(), expected);
    }
}
