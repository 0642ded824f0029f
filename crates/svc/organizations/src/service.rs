//! The service: what operations share, and how the front door sees it.

use std::collections::HashMap;
use std::sync::Arc;

use garrison_api_organizations::{Op, SERVICE};
use garrison_kernel::{AnyOperation, Kernel, Service, ServiceType};
use garrison_schema::ServiceSchema;

use crate::ops;

/// What operations work with.
pub struct Organizations {
    kernel: Arc<Kernel>,
}

impl ServiceType for Organizations {
    const SCHEMA: &'static ServiceSchema = &SERVICE;
}

impl Organizations {
    /// The service on a kernel.
    pub fn new(kernel: Arc<Kernel>) -> Arc<Self> {
        Arc::new(Self { kernel })
    }

    /// What every service works with.
    pub fn kernel(&self) -> &Kernel {
        &self.kernel
    }
}

/// The service, as the front door sees it.
pub struct OrganizationsService {
    operations: HashMap<&'static str, Box<dyn AnyOperation>>,
}

impl OrganizationsService {
    /// The service with every operation that is built.
    pub fn new(service: &Arc<Organizations>) -> Self {
        Self { operations: Op::ALL.iter().map(|op| (op.name(), ops::operation(*op, service))).collect() }
    }
}

impl Service for OrganizationsService {
    fn schema(&self) -> &'static ServiceSchema {
        &SERVICE
    }

    fn operation(&self, name: &str) -> Option<&dyn AnyOperation> {
        self.operations.get(name).map(|operation| &**operation)
    }
}
