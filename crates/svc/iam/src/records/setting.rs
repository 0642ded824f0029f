//! What an account has switched on, and tasks that its callers ask about later.

use serde::{Deserialize, Serialize};

use super::{Time, first_version};

/// Outbound web identity federation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OutboundFederation {
    /// Always [`OutboundFederation::NAME`].
    pub(crate) name: String,
    /// The issuer of the account's tokens, an URL. It stays when the feature is switched off.
    pub(crate) issuer: String,
    /// Whether tokens are given.
    pub(crate) enabled: bool,
}

first_version!(OutboundFederation, "setting-outbound-federation", name: name);

impl OutboundFederation {
    /// The name of the only record of its kind.
    pub(crate) const NAME: &'static str = "setting";

    /// The feature, switched on.
    pub(crate) fn new(issuer: String) -> Self {
        Self { name: Self::NAME.to_owned(), issuer, enabled: true }
    }
}

/// What an organization lets its management account do with the root users of its members. Kept in the management account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RootFeatures {
    /// Always [`RootFeatures::NAME`].
    pub(crate) name: String,
    /// The organization.
    pub(crate) organization: String,
    /// `RootCredentialsManagement`.
    pub(crate) credentials_management: bool,
    /// `RootSessions`.
    pub(crate) sessions: bool,
}

first_version!(RootFeatures, "setting-root-features", name: name);

impl RootFeatures {
    /// The name of the only record of its kind.
    pub(crate) const NAME: &'static str = "setting";

    /// None of them, in an organization.
    pub(crate) fn none(organization: &str) -> Self {
        Self {
            name: Self::NAME.to_owned(),
            organization: organization.to_owned(),
            credentials_management: false,
            sessions: false,
        }
    }
}

/// The deletion of a service-linked role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeletionTask {
    /// `task/aws-service-role/PRINCIPAL/ROLE/UUID`.
    pub(crate) task_id: String,
    /// When it was asked for and done.
    pub(crate) done: Time,
}

first_version!(DeletionTask, "deletion-task", name: task_id);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Record;

    fn unchanged<R: Record>(name: &str, stored: &str) {
        let record = R::decode(stored.as_bytes()).unwrap();
        assert_eq!(record.name(), name);
        assert_eq!(record.encode(), stored.as_bytes());
    }

    #[test]
    fn records_of_the_first_release_are_read() {
        unchanged::<OutboundFederation>(
            OutboundFederation::NAME,
            r#"{"version":"1","name":"setting","issuer":"https://x","enabled":true}"#,
        );
        unchanged::<RootFeatures>(
            RootFeatures::NAME,
            r#"{"version":"1","name":"setting","organization":"o-x","credentials_management":true,"sessions":false}"#,
        );
        unchanged::<DeletionTask>("task/x", r#"{"version":"1","task_id":"task/x","done":5}"#);
    }
}
