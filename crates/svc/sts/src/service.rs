//! The service: what operations share, and how the front door sees it.

use std::sync::Arc;

use garrison_api_sts::{Op, SERVICE};
use garrison_kernel::{AnyOperation, Service, ServiceType};
use garrison_schema::ServiceSchema;

use crate::ops;

/// What operations work with: nothing yet.
pub struct Sts;

impl ServiceType for Sts {
    const SCHEMA: &'static ServiceSchema = &SERVICE;
}

/// STS, as the front door sees it.
pub struct StsService {
    operations: Vec<(&'static str, Box<dyn AnyOperation>)>,
}

impl StsService {
    /// STS with every operation that is built.
    pub fn new() -> Self {
        let sts = Arc::new(Sts);
        Self { operations: Op::ALL.iter().map(|op| (op.name(), ops::operation(*op, &sts))).collect() }
    }
}

impl Default for StsService {
    fn default() -> Self {
        Self::new()
    }
}

impl Service for StsService {
    fn schema(&self) -> &'static ServiceSchema {
        &SERVICE
    }

    fn operation(&self, name: &str) -> Option<&dyn AnyOperation> {
        self.operations.iter().find(|(n, _)| *n == name).map(|(_, operation)| &**operation)
    }
}
