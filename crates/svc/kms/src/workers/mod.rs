//! What falls due by itself.

use std::sync::Arc;

use garrison_kernel::Worker;

use crate::service::Kms;

/// Every worker of KMS.
pub(crate) fn all(_kms: &Arc<Kms>) -> Vec<Arc<dyn Worker>> {
    Vec::new()
}
