//! An access key.

use base64_simd::STANDARD;
use garrison_types::AccountId;
use serde::{Deserialize, Serialize};

use super::{Time, from_json, to_json};

/// Whose an access key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Owner {
    /// The account's root user.
    Root,
    /// The user with this unique id.
    User(String),
}

/// An access key as it is stored, in its newest form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccessKey {
    /// The account's id.
    pub(crate) account: String,
    /// Whose it is.
    pub(crate) owner: Owner,
    /// Whether it is accepted.
    pub(crate) active: bool,
    /// When it was made.
    pub(crate) created: Time,
    /// Base64 of the sealed secret.
    sealed_secret: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Stored {
    /// Root users' keys only.
    #[serde(rename = "1")]
    V1 { account: String, active: bool, created: Time, sealed_secret: String },
    #[serde(rename = "2")]
    V2(AccessKey),
}

impl AccessKey {
    /// A new one, which is active.
    pub(crate) fn new(account: AccountId, owner: Owner, created: Time, sealed_secret: &[u8]) -> Self {
        let sealed_secret = STANDARD.encode_to_string(sealed_secret);
        Self { account: account.to_string(), owner, active: true, created, sealed_secret }
    }

    /// The sealed secret; none when it is not base64.
    pub(crate) fn sealed_secret(&self) -> Option<Vec<u8>> {
        STANDARD.decode_to_vec(&self.sealed_secret).ok()
    }

    /// The stored form.
    pub(crate) fn encode(self) -> Vec<u8> {
        to_json(&Stored::V2(self))
    }

    /// Reads any version of the stored form.
    ///
    /// # Errors
    /// It is none.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        Ok(match from_json(bytes)? {
            Stored::V1 { account, active, created, sealed_secret } => {
                Self { account, owner: Owner::Root, active, created, sealed_secret }
            }
            Stored::V2(key) => key,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_every_release_are_read() {
        let first =
            br#"{"version":"1","account":"111122223333","active":true,"created":5,"sealed_secret":"AQID"}"#;
        let key = AccessKey::decode(first).unwrap();
        assert_eq!(
            (key.owner.clone(), key.active, key.sealed_secret()),
            (Owner::Root, true, Some(vec![1, 2, 3]))
        );
        let second = br#"{"version":"2","account":"111122223333","owner":{"user":"AIDAX"},"active":false,"created":5,"sealed_secret":"AQID"}"#;
        let key = AccessKey::decode(second).unwrap();
        assert_eq!((key.owner.clone(), key.active), (Owner::User("AIDAX".to_owned()), false));
        assert_eq!(key.encode(), second);
        let root = br#"{"version":"2","account":"111122223333","owner":"root","active":true,"created":5,"sealed_secret":"AQID"}"#;
        assert_eq!(AccessKey::decode(first).unwrap(), AccessKey::decode(root).unwrap());
        assert!(AccessKey::decode(br#"{"version":"3"}"#).is_err());
    }
}
