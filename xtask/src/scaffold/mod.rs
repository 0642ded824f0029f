//! Writes the files of a new operation or a new service.

use crate::Result;
use crate::workspace::Workspace;

pub(crate) fn new_op(_: &Workspace, _: &str, _: &str) -> Result {
    Err("new-op is not built yet".into())
}

pub(crate) fn new_service(_: &Workspace, _: &str) -> Result {
    Err("new-service is not built yet".into())
}
