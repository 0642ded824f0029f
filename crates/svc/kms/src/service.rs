//! The service: what operations share, and how the front door sees it.

use std::collections::HashMap;
use std::sync::Arc;

use garrison_api_kms::{Op, SERVICE};
use garrison_crypto::material_id::MaterialId;
use garrison_kernel::{AnyOperation, Context, Kernel, Service, ServiceType, Worker};
use garrison_schema::{ApiError, ServiceSchema};

use crate::error;
use crate::model::{KeySnapshot, ReadyKey};
use crate::ops;
use crate::repo::Repo;
use crate::workers;

/// What operations work with.
pub struct Kms {
    kernel: Arc<Kernel>,
    repo: Repo,
}

impl ServiceType for Kms {
    const SCHEMA: &'static ServiceSchema = &SERVICE;
    const THROTTLED: &'static str =
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";
}

impl Kms {
    /// KMS on a kernel. It hears of the store's commits from now on.
    pub fn new(kernel: Arc<Kernel>) -> Arc<Self> {
        let repo = Repo::new(&kernel);
        Arc::new(Self { kernel, repo })
    }

    /// What every service works with.
    pub fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// The same, for work on another thread.
    pub(crate) fn shared_kernel(&self) -> Arc<Kernel> {
        Arc::clone(&self.kernel)
    }

    /// Forgets everything that is held in memory, unwrapped keys first of all: at the end of a shutdown, and when
    /// the store was emptied.
    pub fn forget(&self) {
        self.repo.forget();
    }

    pub(crate) fn repo(&self) -> &Repo {
        &self.repo
    }

    /// The key that a ciphertext's material belongs to, in the called region.
    pub(crate) async fn key_of_material(
        &self,
        cx: &Context,
        id: MaterialId,
    ) -> Result<Option<Arc<KeySnapshot>>, ApiError> {
        match self.repo.owner(&cx.region, id).await? {
            Some(address) => self.repo.key(&address).await,
            None => Ok(None),
        }
    }

    /// One of a key's materials, loaded for use.
    ///
    /// # Errors
    /// `KMSInvalidStateException` when it was deleted meanwhile.
    pub(crate) async fn ready(&self, key: &KeySnapshot, id: MaterialId) -> Result<Arc<ReadyKey>, ApiError> {
        let gone = || error::wrong_state(&key.arn, crate::model::KeyState::PendingImport);
        self.repo.ready(&key.key, id).await?.ok_or_else(gone)
    }

    /// The material that a key encrypts, signs and authenticates with, loaded for use.
    ///
    /// # Errors
    /// `KMSInvalidStateException` when it has none.
    pub(crate) async fn current(&self, key: &KeySnapshot) -> Result<Arc<ReadyKey>, ApiError> {
        match key.key.current_material() {
            Some(material) => self.ready(key, material.id).await,
            None => Err(error::wrong_state(&key.arn, crate::model::KeyState::PendingImport)),
        }
    }
}

/// KMS, as the front door sees it.
pub struct KmsService {
    kms: Arc<Kms>,
    operations: HashMap<&'static str, Box<dyn AnyOperation>>,
}

impl KmsService {
    /// KMS with every operation that is built.
    pub fn new(kms: Arc<Kms>) -> Self {
        let operations = Op::ALL.iter().map(|op| (op.name(), ops::operation(*op, &kms))).collect();
        Self { kms, operations }
    }
}

impl Service for KmsService {
    fn schema(&self) -> &'static ServiceSchema {
        &SERVICE
    }

    fn operation(&self, name: &str) -> Option<&dyn AnyOperation> {
        self.operations.get(name).map(|operation| &**operation)
    }

    fn workers(&self) -> Vec<Arc<dyn Worker>> {
        workers::all(&self.kms)
    }
}
