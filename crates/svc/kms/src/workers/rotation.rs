//! Rotates keys when their period ends, and completes the rotations that were asked for.
//!
//! Source: KMS Developer Guide, "Rotating AWS KMS keys"; the event is the `RotateKey` of "Logging AWS KMS API calls with
//! AWS CloudTrail".

use std::sync::Arc;

use async_trait::async_trait;
use garrison_api_kms::SERVICE;
use garrison_kernel::{ServiceEvent, Worker, errors};
use garrison_schema::ApiError;
use garrison_store::{CommitError, WriteSet};
use garrison_types::Timestamp;

use crate::model::{Key, KeySnapshot, KeyState, Origin, RotationKind};
use crate::repo::{self, Due, DueKind, ON_DEMAND};
use crate::rotation;
use crate::service::Kms;

/// How many keys are looked up at once.
const BATCH: usize = 100;
/// How often a key that others change at the same moment is tried again before the next round.
const MAX_ATTEMPTS: usize = 8;

/// The worker.
pub(crate) struct RotationWorker {
    kms: Arc<Kms>,
}

impl RotationWorker {
    /// Rotates keys of this service.
    pub(crate) fn new(kms: Arc<Kms>) -> Self {
        Self { kms }
    }

    async fn rotate(&self, due: &Due) -> Result<(), ApiError> {
        for _ in 0..MAX_ATTEMPTS {
            let mut writes = WriteSet::new();
            repo::unschedule(&mut writes, DueKind::Rotation, due);
            match self.kms.repo().key(&due.address).await? {
                Some(key) if due.extra == ON_DEMAND => self.on_demand(&mut writes, &key, due).await?,
                Some(key) => self.automatic(&mut writes, &key, due).await?,
                None => {}
            }
            match self.kms.kernel().store().commit(writes).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(errors::commit(&error)),
            }
        }
        Err(errors::commit(&CommitError::Conflict))
    }

    /// A period ended. A key that is not enabled now is rotated when it is enabled again.
    async fn automatic(
        &self,
        writes: &mut WriteSet,
        key: &Arc<KeySnapshot>,
        due: &Due,
    ) -> Result<(), ApiError> {
        let settings = &key.key.rotation;
        let (true, Some(period)) = (settings.next == Some(due.at), settings.period_days) else {
            return Ok(());
        };
        if key.key.state != KeyState::Enabled || !settings.enabled {
            return Ok(());
        }
        let snapshots = self.kms.family(key).await?;
        let mut family: Vec<Key> = snapshots.iter().map(|snapshot| snapshot.key.clone()).collect();
        self.kms.rotate_generated(writes, &mut family, due.at, RotationKind::Automatic).await?;
        let next = rotation::after(due.at, period);
        repo::schedule(writes, DueKind::Rotation, &Due { at: next, ..due.clone() });
        for key in &mut family {
            key.rotation.next = Some(next);
        }
        self.write(writes, &snapshots, &family, RotationKind::Automatic);
        Ok(())
    }

    /// A rotation was asked for. It happens even if the key was disabled since.
    async fn on_demand(
        &self,
        writes: &mut WriteSet,
        key: &Arc<KeySnapshot>,
        due: &Due,
    ) -> Result<(), ApiError> {
        if key.key.rotation.on_demand_started != Some(due.at) {
            return Ok(());
        }
        let snapshots = self.kms.family(key).await?;
        let mut family: Vec<Key> = snapshots.iter().map(|snapshot| snapshot.key.clone()).collect();
        match key.key.origin {
            Origin::AwsKms => {
                self.kms.rotate_generated(writes, &mut family, due.at, RotationKind::OnDemand).await?
            }
            Origin::External => {
                // The material may have been deleted since; then there is nothing to rotate to.
                if let Some(id) = rotation::pending_material(&key.key) {
                    family.iter_mut().for_each(|key| rotation::rotate_imported(key, id, due.at));
                }
            }
        }
        for key in &mut family {
            key.rotation.on_demand_started = None;
        }
        self.write(writes, &snapshots, &family, RotationKind::OnDemand);
        Ok(())
    }

    /// Adds the changed keys, and the record of each that got another current material.
    fn write(
        &self,
        writes: &mut WriteSet,
        snapshots: &[Arc<KeySnapshot>],
        family: &[Key],
        kind: RotationKind,
    ) {
        for (snapshot, key) in snapshots.iter().zip(family) {
            repo::replace_key(writes, snapshot, key);
            let (old, new) = (snapshot.key.current_material(), key.current_material());
            let (Some(old), Some(new)) = (old, new) else { continue };
            if old.id == new.id {
                continue;
            }
            let kind = match kind {
                RotationKind::Automatic => "AUTOMATIC",
                RotationKind::OnDemand => "ON_DEMAND",
            };
            let details = serde_json::json!({
                "keyId": &*key.address.id,
                "rotationType": kind,
                "keyOrigin": key.origin.name(),
                "previousKeyMaterialId": old.id.to_string(),
                "currentKeyMaterialId": new.id.to_string(),
            });
            let event = ServiceEvent {
                event_source: SERVICE.event_source,
                event_name: "RotateKey",
                resources: vec![snapshot.audit_resource()],
                details: Some(details.to_string()),
            };
            writes.audit.extend(event.record(self.kms.kernel(), &key.address.region));
        }
    }
}

#[async_trait]
impl Worker for RotationWorker {
    fn name(&self) -> &'static str {
        "kms-rotation"
    }

    /// A key may have several periods to make up for: each gets its own material at its own time.
    async fn run_due(&self, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
        loop {
            let (due, next) = self.kms.repo().due(DueKind::Rotation, now, BATCH).await?;
            if due.is_empty() {
                return Ok(next);
            }
            let mut failed = None;
            for item in &due {
                if let Err(error) = self.rotate(item).await {
                    tracing::error!(key = %item.address.arn(), %error, "a key could not be rotated");
                    failed.get_or_insert(error);
                }
            }
            if let Some(error) = failed {
                return Err(error);
            }
        }
    }
}
