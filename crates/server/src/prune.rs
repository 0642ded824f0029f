//! Forgets audit records that are older than CloudTrail's event history reaches.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use garrison_kernel::{Worker, errors};
use garrison_schema::ApiError;
use garrison_store_postgres::Postgres;
use garrison_store_sqlite::Embedded;
use garrison_types::Timestamp;

const DAY: Duration = Duration::from_secs(86_400);

/// Prunes the audit log of a backend.
pub(crate) enum AuditPruner {
    Folder(Arc<Embedded>),
    Postgres(Arc<Postgres>),
}

#[async_trait]
impl Worker for AuditPruner {
    fn name(&self) -> &'static str {
        "audit-prune"
    }

    async fn run_due(&self, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
        match self {
            Self::Folder(folder) => {
                let segments = folder.prune(now).await.map_err(|error| errors::store(&error))?;
                if segments > 0 {
                    tracing::info!(segments, "old audit records are gone");
                }
            }
            Self::Postgres(database) => {
                let records = database.prune(now).await.map_err(|error| errors::store(&error))?;
                if records > 0 {
                    tracing::info!(records, "old audit records are gone");
                }
            }
        }
        Ok(Some(now + DAY))
    }
}
