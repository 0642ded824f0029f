//! `UntagResource`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html>
//!
//! Action `logs:UntagResource` on the group, whose ARN has no ending here.

use garrison_api_logs::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::group::GroupTarget;
use crate::repo;
use crate::service::Logs;

impl Handler<Logs> for operations::UntagResource {
    const ACCESS: Access = Access::write("logs:UntagResource");
    type Target = GroupTarget;

    async fn resolve(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<GroupTarget>, ApiError> {
        let keys = input.tag_keys.clone();
        let target = GroupTarget::tagged(logs, cx, &input.resource_arn, keys).await?;
        let check = target.plain_check();
        Ok(Resolved::new(target, check))
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
        changed.tags.retain(|key, _| !input.tag_keys.contains(key));
        let mut writes = WriteSet::new();
        repo::replace_group(&mut writes, &target.place, &target.group, &changed);
        Ok(Reply::with_writes(Unit, writes))
    }
}
