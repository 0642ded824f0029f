//! `UntagLogGroup`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagLogGroup.html>
//!
//! Action `logs:UntagLogGroup` on the group. The older form of the same operation by ARN.

use garrison_api_logs::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::group::GroupTarget;
use crate::repo;
use crate::service::Logs;

impl Handler<Logs> for operations::UntagLogGroup {
    const ACCESS: Access = Access::write("logs:UntagLogGroup");
    type Target = GroupTarget;

    async fn resolve(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<GroupTarget>, ApiError> {
        let target = GroupTarget::find(logs, cx, &input.log_group_name).await?;
        Ok(GroupTarget { tag_keys: input.tags.clone(), ..target }.resolved())
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
        input: &Self::Input,
        target: &GroupTarget,
    ) -> Result<Reply<Unit>, ApiError> {
        let mut changed = target.group.record.clone();
        changed.tags.retain(|key, _| !input.tags.contains(key));
        let mut writes = WriteSet::new();
        repo::replace_group(&mut writes, &target.place, &target.group, &changed);
        Ok(Reply::with_writes(Unit, writes))
    }
}
