//! `TagLogGroup`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagLogGroup.html>
//!
//! Action `logs:TagLogGroup` on the group. The older form of the same operation by ARN.

use garrison_api_logs::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::group::GroupTarget;
use crate::service::Logs;
use crate::{repo, tags};

impl Handler<Logs> for operations::TagLogGroup {
    const ACCESS: Access = Access::write("logs:TagLogGroup");
    type Target = GroupTarget;

    async fn resolve(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<GroupTarget>, ApiError> {
        let target = GroupTarget::find(logs, cx, &input.log_group_name).await?;
        Ok(GroupTarget { tag_keys: input.tags.keys().cloned().collect(), ..target }.resolved())
    }

    fn condition<'a>(
        _: &'a Logs,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a GroupTarget,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.condition(Some(&input.tags), key)
    }

    async fn execute(
        _: &Logs,
        _: &Context,
        input: &Self::Input,
        target: &GroupTarget,
    ) -> Result<Reply<Unit>, ApiError> {
        let mut changed = target.group.record.clone();
        tags::add(&mut changed.tags, &input.tags)?;
        let mut writes = WriteSet::new();
        repo::replace_group(&mut writes, &target.place, &target.group, &changed);
        Ok(Reply::with_writes(Unit, writes))
    }
}
