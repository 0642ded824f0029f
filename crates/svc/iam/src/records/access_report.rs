//! A report of which services somebody may use and when they were last used.

use serde::{Deserialize, Serialize};

use super::{Time, first_version};

/// A report, kept for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccessReport {
    /// The job's id, a UUID.
    pub(crate) job_id: String,
    /// Whether it tells of actions too.
    pub(crate) actions: bool,
    /// When it was made.
    pub(crate) created: Time,
    /// The services, sorted by their namespaces.
    pub(crate) services: Vec<ServiceUse>,
}

first_version!(AccessReport, "access-report", name: job_id);

/// A service that somebody may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServiceUse {
    /// The prefix of its actions, for example `kms`.
    pub(crate) namespace: String,
    /// Those who may use it.
    pub(crate) entities: Vec<EntityUse>,
}

/// A user or role who may use a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EntityUse {
    /// `USER` or `ROLE`.
    pub(crate) kind: String,
    /// The name.
    pub(crate) name: String,
    /// The unique id.
    pub(crate) id: String,
    /// The path.
    pub(crate) path: String,
    /// The ARN.
    pub(crate) arn: String,
    /// When and in which region it last did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last: Option<(Time, String)>,
    /// The same for each operation that it called, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) operations: Vec<(String, Time, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Record as _;

    #[test]
    fn records_of_the_first_release_are_read() {
        let stored = br#"{"version":"1","job_id":"j","actions":true,"created":5,"services":[{"namespace":"kms","entities":[{"kind":"USER","name":"a","id":"AIDAX","path":"/","arn":"arn:x","last":[6,"eu-central-1"],"operations":[["Encrypt",6,"eu-central-1"]]},{"kind":"ROLE","name":"b","id":"AROAX","path":"/","arn":"arn:y"}]}]}"#;
        let report = AccessReport::decode(stored).unwrap();
        assert_eq!((report.name(), report.services.len()), ("j", 1));
        assert_eq!(report.encode(), stored);
    }
}
