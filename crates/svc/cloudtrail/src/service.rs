//! The service: what operations share, and how the front door sees it.

use std::sync::Arc;

use garrison_api_cloudtrail::{Op, SERVICE};
use garrison_kernel::{AnyOperation, Kernel, Service, ServiceType};
use garrison_schema::ServiceSchema;

use crate::ops;

/// What operations work with.
pub struct CloudTrail {
    kernel: Arc<Kernel>,
}

impl ServiceType for CloudTrail {
    const SCHEMA: &'static ServiceSchema = &SERVICE;
}

impl CloudTrail {
    /// CloudTrail on a kernel.
    pub fn new(kernel: Arc<Kernel>) -> Arc<Self> {
        Arc::new(Self { kernel })
    }

    pub(crate) fn kernel(&self) -> &Kernel {
        &self.kernel
    }
}

/// CloudTrail, as the front door sees it.
pub struct CloudTrailService {
    operations: Vec<(&'static str, Box<dyn AnyOperation>)>,
}

impl CloudTrailService {
    /// CloudTrail with every operation that is built.
    pub fn new(cloudtrail: &Arc<CloudTrail>) -> Self {
        Self { operations: Op::ALL.iter().map(|op| (op.name(), ops::operation(*op, cloudtrail))).collect() }
    }
}

impl Service for CloudTrailService {
    fn schema(&self) -> &'static ServiceSchema {
        &SERVICE
    }

    fn operation(&self, name: &str) -> Option<&dyn AnyOperation> {
        self.operations.iter().find(|(n, _)| *n == name).map(|(_, operation)| &**operation)
    }
}
