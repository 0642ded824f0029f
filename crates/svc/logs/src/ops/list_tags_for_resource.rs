//! `ListTagsForResource`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html>
//!
//! Action `logs:ListTagsForResource` on the group, whose ARN has no ending here.

use garrison_api_logs::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::group::GroupTarget;
use crate::service::Logs;

impl Handler<Logs> for operations::ListTagsForResource {
    const ACCESS: Access = Access::read("logs:ListTagsForResource");
    type Target = GroupTarget;

    async fn resolve(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<GroupTarget>, ApiError> {
        let target = GroupTarget::tagged(logs, cx, &input.resource_arn, Vec::new()).await?;
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
        _: &Self::Input,
        target: &GroupTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let tags = Some(target.group.record.tags.clone());
        Ok(Reply::new(types::ListTagsForResourceResponse { tags }))
    }
}
