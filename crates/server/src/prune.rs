//! Forgets audit records that are older than CloudTrail's event history reaches.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use garrison_kernel::{Worker, errors};
use garrison_schema::ApiError;
use garrison_store_sqlite::Embedded;
use garrison_types::Timestamp;

const DAY: Duration = Duration::from_secs(86_400);

pub(crate) struct AuditPruner(pub(crate) Arc<Embedded>);

#[async_trait]
impl Worker for AuditPruner {
    fn name(&self) -> &'static str {
        "audit-prune"
    }

    async fn run_due(&self, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
        let removed = self.0.prune(now).await.map_err(|error| errors::store(&error))?;
        if removed > 0 {
            tracing::info!(segments = removed, "old audit records are gone");
        }
        Ok(Some(now + DAY))
    }
}
