//! The service: what operations share, and how the front door sees it.

use std::collections::HashMap;
use std::sync::Arc;

use garrison_api_logs::{Op, SERVICE};
use garrison_kernel::{AnyOperation, Kernel, Service, ServiceType, Worker};
use garrison_schema::ServiceSchema;

use crate::ops;
use crate::queries::Queries;
use crate::repo::Repo;
use crate::workers::Retention;

/// What operations work with.
pub struct Logs {
    kernel: Arc<Kernel>,
    repo: Arc<Repo>,
    queries: Queries,
}

impl ServiceType for Logs {
    const SCHEMA: &'static ServiceSchema = &SERVICE;
}

impl Logs {
    /// The service on a kernel.
    pub fn new(kernel: Arc<Kernel>) -> Arc<Self> {
        let repo = Arc::new(Repo::new(Arc::clone(&kernel)));
        Arc::new(Self { kernel, repo, queries: Queries::default() })
    }

    pub(crate) fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    pub(crate) fn repo(&self) -> &Repo {
        &self.repo
    }

    /// The repository, for a query that outlives its call.
    pub(crate) fn shared_repo(&self) -> Arc<Repo> {
        Arc::clone(&self.repo)
    }

    pub(crate) fn queries(&self) -> &Queries {
        &self.queries
    }
}

/// The service, as the front door sees it.
pub struct LogsService {
    logs: Arc<Logs>,
    operations: HashMap<&'static str, Box<dyn AnyOperation>>,
}

impl LogsService {
    /// The service with every operation that is built.
    pub fn new(logs: &Arc<Logs>) -> Self {
        let operations = Op::ALL.iter().map(|op| (op.name(), ops::operation(*op, logs))).collect();
        Self { logs: Arc::clone(logs), operations }
    }
}

impl Service for LogsService {
    fn schema(&self) -> &'static ServiceSchema {
        &SERVICE
    }

    fn operation(&self, name: &str) -> Option<&dyn AnyOperation> {
        self.operations.get(name).map(|operation| &**operation)
    }

    fn workers(&self) -> Vec<Arc<dyn Worker>> {
        vec![Arc::new(Retention::new(self.logs.shared_repo()))]
    }
}
