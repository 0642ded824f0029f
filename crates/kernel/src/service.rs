//! Services, as the front door and the clock see them.

use std::sync::Arc;

use async_trait::async_trait;
use garrison_schema::{ApiError, ServiceSchema};
use garrison_types::Timestamp;

use crate::operation::AnyOperation;

/// A service with the operations that are built.
pub trait Service: Send + Sync + 'static {
    /// What the model says of it.
    fn schema(&self) -> &'static ServiceSchema;
    /// The operation of this name, when it is built.
    fn operation(&self, name: &str) -> Option<&dyn AnyOperation>;
    /// What falls due by itself.
    fn workers(&self) -> Vec<Arc<dyn Worker>> {
        Vec::new()
    }
}

/// Something that falls due by itself: a rotation, a deletion, an expiry.
#[async_trait]
pub trait Worker: Send + Sync + 'static {
    /// For logs and metrics, for example `kms-rotation`.
    fn name(&self) -> &'static str;

    /// Does everything that is due at `now` (resource time) and says when the next thing falls due, if anything
    /// does. Running it twice does nothing the second time.
    ///
    /// # Errors
    /// Something could not be done; it is tried again later.
    async fn run_due(&self, now: Timestamp) -> Result<Option<Timestamp>, ApiError>;
}
