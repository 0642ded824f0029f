//! The service: what operations share, and how the front door sees it.

use std::collections::HashMap;
use std::sync::Arc;

use garrison_api_organizations::{Op, SERVICE};
use garrison_kernel::ports::AccountRoles;
use garrison_kernel::{AnyOperation, Kernel, Service, ServiceType, Worker};
use garrison_schema::ServiceSchema;

use crate::ops;
use crate::repo::Repo;
use crate::workers::Deadlines;

/// What operations work with.
pub struct Organizations {
    kernel: Arc<Kernel>,
    roles: Arc<dyn AccountRoles>,
    repo: Repo,
}

impl ServiceType for Organizations {
    const SCHEMA: &'static ServiceSchema = &SERVICE;
    const THROTTLED: &'static str = "You have sent too many requests in too short a period of time.";
}

impl Organizations {
    /// The service on a kernel. `roles` makes the roles of new accounts.
    pub fn new(kernel: Arc<Kernel>, roles: Arc<dyn AccountRoles>) -> Arc<Self> {
        let repo = Repo::new(Arc::clone(kernel.store()));
        Arc::new(Self { kernel, roles, repo })
    }

    /// What every service works with.
    pub fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    pub(crate) fn roles(&self) -> &dyn AccountRoles {
        &*self.roles
    }

    pub(crate) fn repo(&self) -> &Repo {
        &self.repo
    }
}

/// The service, as the front door sees it.
pub struct OrganizationsService {
    service: Arc<Organizations>,
    operations: HashMap<&'static str, Box<dyn AnyOperation>>,
}

impl OrganizationsService {
    /// The service with every operation that is built.
    pub fn new(service: &Arc<Organizations>) -> Self {
        let operations = Op::ALL.iter().map(|op| (op.name(), ops::operation(*op, service))).collect();
        Self { service: Arc::clone(service), operations }
    }
}

impl Service for OrganizationsService {
    fn schema(&self) -> &'static ServiceSchema {
        &SERVICE
    }

    fn operation(&self, name: &str) -> Option<&dyn AnyOperation> {
        self.operations.get(name).map(|operation| &**operation)
    }

    fn workers(&self) -> Vec<Arc<dyn Worker>> {
        vec![Arc::new(Deadlines::new(Arc::clone(&self.service)))]
    }
}
