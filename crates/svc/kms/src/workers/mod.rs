//! What falls due by itself.

mod deletion;
mod expiry;
mod rotation;

use std::sync::Arc;

use garrison_kernel::Worker;

use crate::service::Kms;

/// Every worker of KMS.
pub(crate) fn all(kms: &Arc<Kms>) -> Vec<Arc<dyn Worker>> {
    vec![
        Arc::new(rotation::RotationWorker::new(Arc::clone(kms))),
        Arc::new(expiry::Expiry::new(Arc::clone(kms))),
        Arc::new(deletion::Deletion::new(Arc::clone(kms))),
    ]
}
