//! `DeleteRetentionPolicy`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html>
//!
//! Action `logs:DeleteRetentionPolicy` on the group. Its events are kept for ever from then on.

use garrison_api_logs::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::group::GroupTarget;
use crate::records::Group;
use crate::repo;
use crate::service::Logs;

impl Handler<Logs> for operations::DeleteRetentionPolicy {
    const ACCESS: Access = Access::write("logs:DeleteRetentionPolicy");
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
        let changed = Group { retention: None, ..target.group.record.clone() };
        let mut writes = WriteSet::new();
        repo::replace_group(&mut writes, &target.place, &target.group, &changed);
        Ok(Reply::with_writes(Unit, writes))
    }
}
