//! The stored forms of what the server itself keeps, each with its version, and the keys they lie under.

use base64_simd::STANDARD;
use garrison_store::{Key, StoreError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The domain key, sealed by the root key.
pub(crate) fn domain_key() -> Key {
    Key::of(&["server", "domain-key"])
}

/// The secret that access key ids carry check characters of.
pub(crate) fn access_key_ids() -> Key {
    Key::of(&["server", "access-key-ids"])
}

/// That the first start has happened.
pub(crate) fn installation() -> Key {
    Key::of(&["server", "installation"])
}

/// How far resource time is ahead of the wall clock.
pub(crate) fn clock() -> Key {
    Key::of(&["server", "clock"])
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "version")]
pub(crate) enum DomainKeyRecord {
    #[serde(rename = "1")]
    V1 {
        /// Base64.
        sealed: String,
        /// Base64, when the root key is made of a passphrase.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passphrase_salt: Option<String>,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "version")]
pub(crate) enum SecretRecord {
    #[serde(rename = "1")]
    V1 {
        /// Base64.
        sealed: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "version")]
pub(crate) enum InstallationRecord {
    #[serde(rename = "1")]
    V1 {
        account: String,
        /// Milliseconds since the epoch.
        created: i64,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "version")]
pub(crate) enum ClockRecord {
    #[serde(rename = "1")]
    V1 { offset_millis: u64 },
}

/// A record's bytes.
pub(crate) fn write(record: &impl Serialize) -> Vec<u8> {
    // These records have nothing in them that JSON cannot hold.
    serde_json::to_vec(record).unwrap_or_default()
}

/// A record of its bytes.
pub(crate) fn read<T: DeserializeOwned>(key: &Key, bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| StoreError::Corrupt(format!("the record {key:?}: {error}")))
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode_to_string(bytes)
}

pub(crate) fn decode(key: &Key, text: &str) -> Result<Vec<u8>, StoreError> {
    STANDARD.decode_to_vec(text).map_err(|_| StoreError::Corrupt(format!("the record {key:?} is not base64")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records as the first release wrote them; each must be read for ever.
    #[test]
    fn records_of_the_first_release_are_read() {
        let key = domain_key();
        let DomainKeyRecord::V1 { sealed, passphrase_salt } =
            read(&key, br#"{"version":"1","sealed":"AQID","passphrase_salt":"BAU="}"#).unwrap();
        assert_eq!(
            (decode(&key, &sealed).unwrap(), passphrase_salt.as_deref()),
            (vec![1, 2, 3], Some("BAU="))
        );
        let DomainKeyRecord::V1 { passphrase_salt, .. } =
            read(&key, br#"{"version":"1","sealed":""}"#).unwrap();
        assert_eq!(passphrase_salt, None);
        let SecretRecord::V1 { sealed } = read(&key, br#"{"version":"1","sealed":"AQID"}"#).unwrap();
        assert_eq!(sealed, "AQID");
        let InstallationRecord::V1 { account, created } =
            read(&key, br#"{"version":"1","account":"111122223333","created":5}"#).unwrap();
        assert_eq!((account.as_str(), created), ("111122223333", 5));
        let ClockRecord::V1 { offset_millis } = read(&key, br#"{"version":"1","offset_millis":7}"#).unwrap();
        assert_eq!(offset_millis, 7);
        assert!(read::<ClockRecord>(&key, br#"{"version":"2"}"#).is_err());
    }
}
