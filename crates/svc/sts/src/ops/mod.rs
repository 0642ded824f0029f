//! The operations, one file each, and their registration.

mod get_caller_identity;

use std::sync::Arc;

use garrison_api_sts::{Op, operations};
use garrison_kernel::{AnyOperation, registered};

use crate::service::Sts;

/// An operation of STS.
///
/// The match is exhaustive: a new operation of the interface does not build until it stands here.
pub(crate) fn operation(op: Op, sts: &Arc<Sts>) -> Box<dyn AnyOperation> {
    match op {
        Op::GetCallerIdentity => registered::<_, operations::GetCallerIdentity>(sts),
    }
}
