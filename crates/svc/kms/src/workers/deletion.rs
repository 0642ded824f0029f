//! Destroys keys at the end of their deletion window: materials, aliases, grants and the key itself.
//!
//! Source: KMS Developer Guide, "Delete an AWS KMS key" and "Deleting multi-Region keys"; the event is the `DeleteKey` of
//! "Logging AWS KMS API calls with AWS CloudTrail".

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use garrison_api_kms::SERVICE;
use garrison_kernel::{ServiceEvent, Worker, errors};
use garrison_schema::ApiError;
use garrison_store::{CommitError, WriteSet};
use garrison_types::Timestamp;

use crate::model::{KeySnapshot, KeyState, MultiRegion};
use crate::repo::{self, Due, DueKind};
use crate::service::Kms;

const DAY: Duration = Duration::from_secs(86_400);
/// How many keys are looked up at once.
const BATCH: usize = 100;
/// How often a key that others change at the same moment is tried again before the next round.
const MAX_ATTEMPTS: usize = 8;

/// The worker.
pub(crate) struct Deletion {
    kms: Arc<Kms>,
}

impl Deletion {
    /// Deletes keys of this service.
    pub(crate) fn new(kms: Arc<Kms>) -> Self {
        Self { kms }
    }

    async fn delete(&self, due: &Due, now: Timestamp) -> Result<(), ApiError> {
        for _ in 0..MAX_ATTEMPTS {
            let mut writes = WriteSet::new();
            repo::unschedule(&mut writes, DueKind::Deletion, due);
            if let Some(key) = self.kms.repo().key(&due.address).await?.filter(|key| is_due(key, due)) {
                repo::erase_key(&mut writes, &key);
                self.part_from_relatives(&mut writes, &key, now).await?;
                let event = ServiceEvent {
                    event_source: SERVICE.event_source,
                    event_name: "DeleteKey",
                    resources: vec![key.audit_resource()],
                    details: None,
                };
                writes.audit.extend(event.record(self.kms.kernel(), &due.address.region));
            }
            match self.kms.kernel().store().commit(writes).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(errors::commit(&error)),
            }
        }
        Err(errors::commit(&CommitError::Conflict))
    }

    /// A replica key leaves its family; a primary key that only waited for its last replica begins its own window.
    async fn part_from_relatives(
        &self,
        writes: &mut WriteSet,
        key: &KeySnapshot,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let Some(relations) = &key.key.multi_region else { return Ok(()) };
        let mut relations: MultiRegion = relations.clone();
        relations.replicas.remove(&key.key.address.region);
        for relative in self.kms.related_keys(key).await? {
            let mut changed = relative.key.clone();
            changed.multi_region = Some(relations.clone());
            if let KeyState::PendingReplicaDeletion { window_days } = changed.state
                && relations.replicas.is_empty()
            {
                let at = now + DAY * u32::from(window_days);
                changed.state = KeyState::PendingDeletion { at, window_days };
                let due = Due { at, address: changed.address.clone(), extra: String::new() };
                repo::schedule(writes, DueKind::Deletion, &due);
            }
            repo::replace_key(writes, &relative, &changed);
        }
        Ok(())
    }
}

/// Whether the key still waits for this very end: its deletion may have been cancelled meanwhile.
fn is_due(key: &KeySnapshot, due: &Due) -> bool {
    matches!(key.key.state, KeyState::PendingDeletion { at, .. } if at == due.at)
}

#[async_trait]
impl Worker for Deletion {
    fn name(&self) -> &'static str {
        "kms-deletion"
    }

    async fn run_due(&self, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
        loop {
            let (due, next) = self.kms.repo().due(DueKind::Deletion, now, BATCH).await?;
            let mut failed = None;
            for item in &due {
                if let Err(error) = self.delete(item, now).await {
                    tracing::error!(key = %item.address.arn(), %error, "a key could not be deleted");
                    failed.get_or_insert(error);
                }
            }
            if let Some(error) = failed {
                return Err(error);
            }
            if next.is_none_or(|next| next > now) {
                return Ok(next);
            }
        }
    }
}
