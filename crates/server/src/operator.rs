//! What the operator's paths do.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use garrison_crypto::secret::SecretMemory;
use garrison_gateway::{Gauge, Operator, PartHealth};
use garrison_kernel::{Kernel, errors};
use garrison_schema::ApiError;
use garrison_store::{Health, Key, WriteSet};
use garrison_svc_iam::{AccessKeys, Directory};
use garrison_svc_kms::Kms;
use garrison_svc_organizations::Directory as Memberships;
use garrison_svc_s3::S3;
use garrison_svc_sts::Sts;
use garrison_types::Timestamp;
use serde_json::Value;

use crate::records::{self, ClockRecord};
use crate::workers::WorkerRunner;

pub(crate) struct ServerOperator {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) runner: Arc<WorkerRunner>,
    pub(crate) kms: Arc<Kms>,
    pub(crate) s3: Option<Arc<S3>>,
    pub(crate) access_keys: Arc<AccessKeys>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) memberships: Arc<Memberships>,
    pub(crate) sts: Arc<Sts>,
    /// The records without which the store does not open; they outlive a reset.
    pub(crate) foundation: Vec<(Key, Vec<u8>)>,
}

impl ServerOperator {
    /// Keeps the clock's offset, so that time does not move back at the next start.
    async fn keep_offset(&self) -> Result<(), ApiError> {
        let clock = self.kernel.clock();
        // The wall first: read the other way round, the offset would come out a little short.
        let wall = clock.protocol_now();
        let offset = clock.now().since(wall);
        let offset_millis = u64::try_from(offset.as_millis()).unwrap_or(u64::MAX);
        let mut writes = WriteSet::new();
        writes.put(records::clock(), records::write(&ClockRecord::V1 { offset_millis }));
        self.commit(writes).await
    }

    async fn commit(&self, writes: WriteSet) -> Result<(), ApiError> {
        self.kernel.store().commit(writes).await.map(drop).map_err(|error| errors::commit(&error))
    }
}

#[async_trait]
impl Operator for ServerOperator {
    fn health(&self) -> Vec<PartHealth> {
        let part = |name, health| PartHealth {
            name,
            degraded: match health {
                Health::Ok => None,
                Health::Degraded(reason) => Some(reason),
            },
        };
        let mut parts =
            vec![part("store", self.kernel.store().health()), part("audit", self.kernel.audit().health())];
        parts.extend(self.s3.as_ref().map(|s3| part("blobs", s3.health())));
        parts
    }

    async fn gauges(&self) -> Vec<Gauge> {
        let (clock, memory) = (self.kernel.clock(), SecretMemory::stats());
        let offset = clock.now().since(clock.protocol_now()).as_secs();
        let healthy = |health| u64::from(health == Health::Ok);
        let mut numbers = vec![
            (
                "garrison_store_healthy",
                "1 when the store takes changes.",
                healthy(self.kernel.store().health()),
            ),
            (
                "garrison_audit_healthy",
                "1 when the audit log takes records.",
                healthy(self.kernel.audit().health()),
            ),
            ("garrison_clock_offset_seconds", "How far resource time is ahead of the wall clock.", offset),
            (
                "garrison_secret_pages_locked",
                "Pages of 4 KiB that hold secrets in locked memory.",
                memory.locked_pages,
            ),
            (
                "garrison_secret_lock_failures",
                "Secrets whose memory could not be locked, since start.",
                memory.lock_failures,
            ),
        ];
        if let Ok(revision) = self.kernel.store().revision().await {
            numbers.push(("garrison_store_revision", "The newest revision of the store.", revision.0));
        }
        let gauge = |(name, help, value)| Gauge { name, help, kind: "gauge", value: to_f64(value) };
        numbers.into_iter().map(gauge).collect()
    }

    async fn advance(&self, by: Duration) -> Result<Timestamp, ApiError> {
        let moved = self.runner.advance(by).await;
        // Also when something failed on the way: the clock stands where it stands.
        self.keep_offset().await?;
        moved
    }

    async fn reset(&self) -> Result<(), ApiError> {
        self.kernel.store().reset().await.map_err(|error| errors::store(&error))?;
        self.kms.forget();
        if let Some(s3) = &self.s3 {
            s3.reset().await?;
        }
        self.access_keys.forget();
        self.sts.forget();
        self.directory.forget();
        self.memberships.forget();
        if let Some(decisions) = self.kernel.decisions() {
            decisions.clear();
        }
        let mut writes = WriteSet::new();
        for (key, record) in &self.foundation {
            writes.put(key.clone(), record.clone());
        }
        self.commit(writes).await?;
        self.keep_offset().await
    }

    async fn open_id_document(&self, path: &str) -> Result<Option<Value>, ApiError> {
        let Some((account, name)) = path.split_once('/') else { return Ok(None) };
        let Ok(account) = account.parse() else { return Ok(None) };
        match name {
            ".well-known/openid-configuration" => self.sts.web_identity_configuration(account).await,
            ".well-known/jwks.json" => self.sts.web_identity_keys(account).await,
            _ => Ok(None),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus knows doubles only; counts stay exact up to 2^53")]
fn to_f64(value: u64) -> f64 {
    value as f64
}
