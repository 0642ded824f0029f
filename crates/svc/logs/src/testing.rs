//! A world with the service in it, for the tests of operations.

use garrison_kernel::{Context, Service as _};
use garrison_schema::ApiError;
use garrison_testkit::TestKernel;
use serde_json::Value;

use crate::service::{Logs, LogsService};

/// When tests begin, in milliseconds.
pub(crate) const NOW: i64 = garrison_testkit::START * 1000;
pub(crate) const DAY: i64 = 24 * 3600 * 1000;

/// A kernel with CloudWatch Logs on it.
pub(crate) struct World {
    pub(crate) test: TestKernel,
    pub(crate) front: LogsService,
}

impl World {
    pub(crate) fn new() -> Self {
        let test = TestKernel::new();
        let front = LogsService::new(&Logs::new(test.kernel.clone()));
        Self { test, front }
    }

    pub(crate) fn context(&self) -> Context {
        self.test.context(garrison_testkit::ACCOUNT, garrison_testkit::REGION)
    }

    pub(crate) async fn call(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.test.call(&self.front, operation, &self.context(), &input).await
    }

    /// Calls what must succeed.
    pub(crate) async fn ok(&self, operation: &str, input: Value) -> Value {
        self.call(operation, input).await.unwrap()
    }

    /// The error of a call.
    pub(crate) async fn refused(&self, operation: &str, input: Value) -> &'static str {
        self.call(operation, input).await.unwrap_err().schema.name
    }

    /// Runs what is due now.
    pub(crate) async fn run_due(&self) -> Option<i64> {
        let mut next = None;
        for worker in self.front.workers() {
            next = worker.run_due(self.context().time).await.unwrap().map(|time| time.as_millis());
        }
        next
    }
}
