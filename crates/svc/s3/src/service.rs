//! The service: what operations share, and how the front door sees it.

use std::collections::HashMap;
use std::sync::Arc;

use garrison_api_s3::{Op, SERVICE};
use garrison_blobs::{BlobName, Blobs};
use garrison_kernel::ports::DataKeys;
use garrison_kernel::{AnyOperation, Kernel, Service, ServiceType, Worker};
use garrison_schema::{ApiError, ServiceSchema};
use garrison_store::Health;

use crate::repo::Repo;
use crate::{error, ops, workers};

/// What S3 is made of; `garrison-server` picks it.
pub struct S3Parts {
    /// What every service works with.
    pub kernel: Arc<Kernel>,
    /// Where objects lie.
    pub blobs: Arc<dyn Blobs>,
    /// KMS, for SSE-KMS.
    pub data_keys: Arc<dyn DataKeys>,
}

/// What operations work with.
pub struct S3 {
    parts: S3Parts,
    repo: Repo,
}

impl ServiceType for S3 {
    const SCHEMA: &'static ServiceSchema = &SERVICE;
    const THROTTLED: &'static str = "Please reduce your request rate.";
}

impl S3 {
    /// S3 of these parts. It hears of the store's commits from now on.
    pub fn new(parts: S3Parts) -> Arc<Self> {
        let repo = Repo::new(&parts.kernel);
        Arc::new(Self { parts, repo })
    }

    /// What every service works with.
    pub fn kernel(&self) -> &Kernel {
        &self.parts.kernel
    }

    /// Forgets everything that is held in memory and deletes every blob: when the store was emptied.
    ///
    /// # Errors
    /// The blob store failed.
    pub async fn reset(&self) -> Result<(), ApiError> {
        self.repo.forget();
        self.blobs().reset().await.map_err(|error| error::blob(&error))
    }

    /// Whether objects can be read and written.
    pub fn health(&self) -> Health {
        self.blobs().health()
    }

    /// Where objects lie.
    pub(crate) fn blobs(&self) -> &Arc<dyn Blobs> {
        &self.parts.blobs
    }

    pub(crate) fn data_keys(&self) -> &dyn DataKeys {
        &*self.parts.data_keys
    }

    pub(crate) fn repo(&self) -> &Repo {
        &self.repo
    }

    /// A name that no blob has.
    pub(crate) fn new_blob_name(&self) -> BlobName {
        let mut name = [0; 16];
        self.kernel().rng().fill(&mut name);
        BlobName::new(name)
    }
}

/// S3, as the front door sees it.
pub struct S3Service {
    s3: Arc<S3>,
    operations: HashMap<&'static str, Box<dyn AnyOperation>>,
}

impl S3Service {
    /// S3 with every operation that is built.
    pub fn new(s3: &Arc<S3>) -> Self {
        let operations = Op::ALL.iter().map(|op| (op.name(), ops::operation(*op, s3))).collect();
        Self { s3: Arc::clone(s3), operations }
    }
}

impl Service for S3Service {
    fn schema(&self) -> &'static ServiceSchema {
        &SERVICE
    }

    fn operation(&self, name: &str) -> Option<&dyn AnyOperation> {
        self.operations.get(name).map(|operation| &**operation)
    }

    fn workers(&self) -> Vec<Arc<dyn Worker>> {
        vec![Arc::new(workers::Sweep::new(Arc::clone(&self.s3)))]
    }
}
