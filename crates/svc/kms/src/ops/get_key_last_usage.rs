//! `GetKeyLastUsage`. Source: KMS API Reference, "GetKeyLastUsage".
//!
//! Action `kms:GetKeyLastUsage` on the key. The answer comes from the audit log, where every use of a key is
//! durable: there is no second record of it that could disagree.

use std::time::Duration;

use garrison_api_kms::operations;
use garrison_api_kms::types::{GetKeyLastUsageResponse, KeyLastUsageData, KeyLastUsageTrackingOperation};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::{AuditAttribute, AuditQuery, AuditRecord};
use garrison_types::{RequestId, Timestamp};

use crate::condition::{RequestKeys, about_key};
use crate::model::KeySnapshot;
use crate::resolve::{Accept, KeyTarget};
use crate::service::Kms;

/// What the audit log keeps at least.
const KEPT: Duration = Duration::from_secs(90 * 86_400);
/// Records that are looked at in one go.
const PAGE: usize = 100;

impl Handler<Kms> for operations::GetKeyLastUsage {
    const ACCESS: Access = Access::read("kms:GetKeyLastUsage");
    type Target = KeyTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<KeyTarget>, ApiError> {
        Ok(kms.resolve_key(cx, &input.key_id, Accept::Key, Self::ACCESS.action).await?.resolved())
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        _input: &'a Self::Input,
        target: &'a KeyTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        about_key(cx, target, &RequestKeys::default(), key)
    }

    async fn execute(
        kms: &Kms,
        cx: &Context,
        _input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let key = &target.key;
        Ok(Reply::new(GetKeyLastUsageResponse {
            key_id: Some(key.arn.to_string()),
            key_last_usage: last_usage(kms, cx, key).await?,
            tracking_start_date: Some(known_from(cx, key)),
            key_creation_date: Some(key.key.created),
        }))
    }
}

/// From when on uses of the key are known: its creation, or where the audit log may begin.
fn known_from(cx: &Context, key: &KeySnapshot) -> Timestamp {
    key.key.created.max(cx.time - KEPT)
}

/// The newest use of the key that succeeded.
async fn last_usage(
    kms: &Kms,
    cx: &Context,
    key: &KeySnapshot,
) -> Result<Option<KeyLastUsageData>, ApiError> {
    let mut query = AuditQuery {
        account: key.key.address.account,
        region: key.key.address.region.clone(),
        from: known_from(cx, key).truncated_to_seconds(),
        to: cx.time,
        attribute: Some(AuditAttribute::ResourceName(key.arn.to_string())),
        limit: PAGE,
        after: None,
    };
    loop {
        let page = kms.kernel().audit().lookup(&query).await.map_err(|error| errors::store(&error))?;
        if let Some(found) = page.records.iter().find_map(usage) {
            return Ok(Some(found));
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(None),
        }
    }
}

/// What a record says of a use of a key; none for other calls and for refusals.
fn usage(record: &AuditRecord) -> Option<KeyLastUsageData> {
    let operation = KeyLastUsageTrackingOperation::from(record.event_name.as_str());
    if matches!(operation, KeyLastUsageTrackingOperation::Unknown(_)) {
        return None;
    }
    let json: serde_json::Value = serde_json::from_slice(&record.json).ok()?;
    if json.get("errorCode").is_some() {
        return None;
    }
    Some(KeyLastUsageData {
        operation: Some(operation),
        timestamp: Some(record.time),
        cloud_trail_event_id: Some(RequestId::from_random(record.event_id).to_string()),
        kms_request_id: json.get("requestID").and_then(|id| id.as_str()).map(str::to_owned),
    })
}
