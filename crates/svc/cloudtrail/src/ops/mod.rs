//! The operations, one file each, and their registration.

mod lookup_events;

use std::sync::Arc;

use garrison_api_cloudtrail::{Op, operations};
use garrison_kernel::{AnyOperation, registered};

use crate::service::CloudTrail;

/// An operation of CloudTrail.
///
/// The match is exhaustive: a new operation of the interface does not build until it stands here.
pub(crate) fn operation(op: Op, cloudtrail: &Arc<CloudTrail>) -> Box<dyn AnyOperation> {
    match op {
        Op::LookupEvents => registered::<_, operations::LookupEvents>(cloudtrail),
    }
}
