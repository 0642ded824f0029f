//! The service: what operations share, and how the front door sees it.

use std::collections::HashMap;
use std::sync::Arc;

use garrison_api_iam::{Op, SERVICE};
use garrison_kernel::{AnyOperation, Kernel, Service, ServiceType};
use garrison_schema::ServiceSchema;

use crate::ops;
use crate::repo::Repo;

/// What operations work with.
pub struct Iam {
    kernel: Arc<Kernel>,
    repo: Repo,
}

impl ServiceType for Iam {
    const SCHEMA: &'static ServiceSchema = &SERVICE;
}

impl Iam {
    /// The service on a kernel.
    pub fn new(kernel: Arc<Kernel>) -> Arc<Self> {
        let repo = Repo::new(kernel.store());
        Arc::new(Self { kernel, repo })
    }

    /// What every service works with.
    pub fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    pub(crate) fn repo(&self) -> &Repo {
        &self.repo
    }
}

/// The service, as the front door sees it.
pub struct IamService {
    operations: HashMap<&'static str, Box<dyn AnyOperation>>,
}

impl IamService {
    /// The service with every operation that is built.
    pub fn new(service: &Arc<Iam>) -> Self {
        Self { operations: Op::ALL.iter().map(|op| (op.name(), ops::operation(*op, service))).collect() }
    }
}

impl Service for IamService {
    fn schema(&self) -> &'static ServiceSchema {
        &SERVICE
    }

    fn operation(&self, name: &str) -> Option<&dyn AnyOperation> {
        self.operations.get(name).map(|operation| &**operation)
    }
}
