//! What falls due by itself.

mod deletion;

use std::sync::Arc;

use garrison_kernel::Worker;

use crate::service::Kms;

/// Every worker of KMS.
pub(crate) fn all(kms: &Arc<Kms>) -> Vec<Arc<dyn Worker>> {
    vec![Arc::new(deletion::Deletion::new(Arc::clone(kms)))]
}
