//! Deletes imported key material when it expires.
//!
//! Source: KMS Developer Guide, "Importing key material"; the event is the `DeleteExpiredKeyMaterial` of "Logging AWS KMS
//! API calls with AWS CloudTrail".

use std::sync::Arc;

use async_trait::async_trait;
use garrison_api_kms::SERVICE;
use garrison_crypto::material_id::MaterialId;
use garrison_kernel::{ServiceEvent, Worker, errors};
use garrison_schema::ApiError;
use garrison_store::{CommitError, WriteSet};
use garrison_types::Timestamp;

use crate::model::{Material, Provenance};
use crate::repo::{self, Due, DueKind};
use crate::service::Kms;

/// How many materials are looked up at once.
const BATCH: usize = 100;
/// How often a key that others change at the same moment is tried again before the next round.
const MAX_ATTEMPTS: usize = 8;

/// The worker.
pub(crate) struct Expiry {
    kms: Arc<Kms>,
}

impl Expiry {
    /// Deletes expired material of this service.
    pub(crate) fn new(kms: Arc<Kms>) -> Self {
        Self { kms }
    }

    async fn expire(&self, due: &Due) -> Result<(), ApiError> {
        for _ in 0..MAX_ATTEMPTS {
            let writes = self.expiry(due).await?;
            match self.kms.kernel().store().commit(writes).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(errors::commit(&error)),
            }
        }
        Err(errors::commit(&CommitError::Conflict))
    }

    async fn expiry(&self, due: &Due) -> Result<WriteSet, ApiError> {
        let mut writes = WriteSet::new();
        let key = self.kms.repo().key(&due.address).await?;
        let expired = key.as_ref().zip(MaterialId::from_hex(&due.extra)).filter(|(key, id)| {
            key.key.material(*id).is_some_and(|material| expires_at(material) == Some(due.at))
        });
        let Some((key, id)) = expired else {
            // It was imported anew with another expiry, or is gone.
            repo::unschedule(&mut writes, DueKind::Expiry, due);
            return Ok(writes);
        };
        self.kms.remove_material(&mut writes, key, id).await?;
        let details = serde_json::json!({ "keyId": &*due.address.id, "keyMaterialId": due.extra });
        let event = ServiceEvent {
            event_source: SERVICE.event_source,
            event_name: "DeleteExpiredKeyMaterial",
            resources: vec![key.audit_resource()],
            details: Some(details.to_string()),
        };
        writes.audit.extend(event.record(self.kms.kernel(), &due.address.region));
        Ok(writes)
    }
}

fn expires_at(material: &Material) -> Option<Timestamp> {
    match material.provenance {
        Provenance::Imported { valid_to, .. } if material.is_present() => valid_to,
        Provenance::Imported { .. } | Provenance::Generated => None,
    }
}

#[async_trait]
impl Worker for Expiry {
    fn name(&self) -> &'static str {
        "kms-expiry"
    }

    async fn run_due(&self, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
        loop {
            let (due, next) = self.kms.repo().due(DueKind::Expiry, now, BATCH).await?;
            if due.is_empty() {
                return Ok(next);
            }
            let mut failed = None;
            for item in &due {
                if let Err(error) = self.expire(item).await {
                    tracing::error!(key = %item.address.arn(), %error, "an expired key material could not be deleted");
                    failed.get_or_insert(error);
                }
            }
            if let Some(error) = failed {
                return Err(error);
            }
        }
    }
}
