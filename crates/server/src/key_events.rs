//! What the audit log says of access keys that are made and switched off beside the API.
//!
//! The names are those of the same deeds by API. Here they are service events: no caller signed anything.

use garrison_crypto::Rng;
use garrison_store::AuditRecord;
use garrison_types::{AccountId, Region, RequestId, Timestamp};
use serde_json::json;

use crate::error::Error;

/// Where CloudTrail has the events of global services.
const REGION: &str = "us-east-1";
const EVENT_SOURCE: &str = "iam.amazonaws.com";
/// The type of an access key, as `LookupEvents` names it. A key has no ARN: its id stands for it.
const RESOURCE_TYPE: &str = "AWS::IAM::AccessKey";

/// What happened to a root user's access key.
#[derive(Debug, Clone, Copy)]
pub(crate) enum KeyEvent {
    /// It was made.
    Created,
    /// It was switched off.
    Deactivated,
}

impl KeyEvent {
    /// The record, to become durable with the change. `command` is how somebody did it, for example `garrison root-key`.
    ///
    /// # Errors
    /// None: the region's name is one.
    pub(crate) fn record(
        self,
        account: AccountId,
        access_key_id: &str,
        command: &str,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<AuditRecord, Error> {
        let (name, status) = match self {
            Self::Created => ("CreateAccessKey", "Active"),
            Self::Deactivated => ("UpdateAccessKey", "Inactive"),
        };
        let region: Region =
            REGION.parse().map_err(|_| Error::Failed(format!("`{REGION}` is not a region")))?;
        let event_id = id(rng);
        let json = json!({
            "eventVersion": "1.11",
            "userIdentity": { "accountId": account.as_str(), "invokedBy": command },
            "eventTime": now.to_iso8601_seconds(),
            "eventSource": EVENT_SOURCE,
            "eventName": name,
            "awsRegion": region.as_str(),
            "sourceIPAddress": command,
            "userAgent": command,
            "requestParameters": null,
            "responseElements": null,
            "serviceEventDetails": { "accessKeyId": access_key_id, "userName": "root", "status": status },
            "requestID": id(rng).to_string(),
            "eventID": event_id.to_string(),
            "readOnly": false,
            "resources": [{ "accountId": account.as_str(), "type": RESOURCE_TYPE, "ARN": access_key_id }],
            "eventType": "AwsServiceEvent",
            "managementEvent": true,
            "recipientAccountId": account.as_str(),
            "eventCategory": "Management",
        });
        Ok(AuditRecord {
            event_id: *event_id.as_bytes(),
            time: now,
            account,
            region,
            event_name: name.to_owned(),
            event_source: EVENT_SOURCE.to_owned(),
            username: None,
            access_key_id: None,
            read_only: false,
            resources: vec![(RESOURCE_TYPE.to_owned(), access_key_id.to_owned())],
            json: json.to_string().into(),
        })
    }
}

fn id(rng: &dyn Rng) -> RequestId {
    let mut bytes = [0; 16];
    rng.fill(&mut bytes);
    RequestId::from_random(bytes)
}
