//! `DeleteLogGroup`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html>
//!
//! Action `logs:DeleteLogGroup` on the group. Its streams and events are gone at once; a worker frees their room.

use garrison_api_logs::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::group::GroupTarget;
use crate::repo;
use crate::service::Logs;

impl Handler<Logs> for operations::DeleteLogGroup {
    const ACCESS: Access = Access::write("logs:DeleteLogGroup");
    type Target = GroupTarget;

    async fn resolve(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<GroupTarget>, ApiError> {
        Ok(GroupTarget::find(logs, cx, &input.log_group_name).await?.resolved())
    }

    fn condition<'a>(
        _: &'a Logs,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a GroupTarget,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.condition(None, key)
    }

    async fn execute(
        _: &Logs,
        _: &Context,
        _: &Self::Input,
        target: &GroupTarget,
    ) -> Result<Reply<Unit>, ApiError> {
        let mut writes = WriteSet::new();
        repo::delete_group(&mut writes, &target.place, &target.group);
        Ok(Reply::with_writes(Unit, writes))
    }
}
