//! The stored forms, with versions: JSON with the version in `v`. Only here is serde used.
//!
//! A form that has been released is never changed: a new version is added beside it with a conversion. Times are
//! milliseconds since the epoch.

use std::collections::BTreeMap;

use garrison_kernel::errors;
use garrison_schema::ApiError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Tags by their keys.
pub(crate) type Tags = BTreeMap<String, String>;

/// A record in its first version, which every kind of record still is in.
#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum Versioned<T> {
    #[serde(rename = "1")]
    V1(T),
}

/// The stored form of a record.
pub(crate) fn write<T: Serialize>(record: &T) -> Vec<u8> {
    // Maps have text keys and nothing fails to serialize, so the fallback is never taken; it would not read.
    serde_json::to_vec(&Versioned::V1(record)).unwrap_or_default()
}

/// Reads a stored record.
///
/// # Errors
/// `InternalFailure`: it is damaged or of a newer version.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let Versioned::V1(record) = serde_json::from_slice(bytes).map_err(errors::internal)?;
    Ok(record)
}

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    /// Random: a group that is made again under the same name is another one.
    pub id: String,
    pub created: i64,
    /// The class as the interface writes it.
    pub class: String,
    /// How many days events are kept; for ever without it.
    pub retention: Option<i32>,
    pub tags: Tags,
}

/// A log stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stream {
    /// Random, as a group's.
    pub id: String,
    pub created: i64,
}

/// What came into a stream so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Activity {
    /// The oldest and the newest timestamp of an event.
    pub first: i64,
    pub last: i64,
    /// When events came in last.
    pub ingested: i64,
}

/// A saved query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Definition {
    pub name: String,
    pub query: String,
    pub groups: Vec<String>,
    pub modified: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_first_release_wrote_still_reads() {
        let group = br#"{"v":"1","id":"0a","created":5,"class":"STANDARD","retention":7,"tags":{"k":"v"}}"#;
        let found: Group = read(group).unwrap();
        let tags = Tags::from([("k".to_owned(), "v".to_owned())]);
        let expected =
            Group { id: "0a".into(), created: 5, class: "STANDARD".into(), retention: Some(7), tags };
        assert_eq!(found, expected);
        assert_eq!(write(&found), group);
        let stream: Stream = read(br#"{"v":"1","id":"0b","created":6}"#).unwrap();
        assert_eq!(stream, Stream { id: "0b".into(), created: 6 });
        let activity: Activity = read(br#"{"v":"1","first":1,"last":2,"ingested":3}"#).unwrap();
        assert_eq!(activity, Activity { first: 1, last: 2, ingested: 3 });
        let saved = br#"{"v":"1","name":"n","query":"q","groups":["g"],"modified":9}"#;
        let saved: Definition = read(saved).unwrap();
        assert_eq!((saved.name.as_str(), saved.modified), ("n", 9));
        assert!(read::<Stream>(br#"{"v":"2","id":"0b","created":6}"#).is_err());
    }
}
