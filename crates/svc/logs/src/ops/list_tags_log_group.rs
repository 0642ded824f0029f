//! `ListTagsLogGroup`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsLogGroup.html>
//!
//! Action `logs:ListTagsLogGroup` on the group. The older form of the same operation by ARN.

use garrison_api_logs::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::group::GroupTarget;
use crate::service::Logs;

impl Handler<Logs> for operations::ListTagsLogGroup {
    const ACCESS: Access = Access::read("logs:ListTagsLogGroup");
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
    ) -> Result<Reply<Self::Output>, ApiError> {
        let tags = Some(target.group.record.tags.clone());
        Ok(Reply::new(types::ListTagsLogGroupResponse { tags }))
    }
}
