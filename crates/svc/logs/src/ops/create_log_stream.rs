//! `CreateLogStream`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>
//!
//! Action `logs:CreateLogStream` on the stream.

use garrison_api_logs::operations;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::group::{self, GroupTarget};
use crate::records::Stream;
use crate::service::Logs;
use crate::{error, repo};

impl Handler<Logs> for operations::CreateLogStream {
    const ACCESS: Access = Access::write("logs:CreateLogStream");
    type Target = GroupTarget;

    async fn resolve(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<GroupTarget>, ApiError> {
        let target = GroupTarget::find(logs, cx, &input.log_group_name).await?;
        let arn = group::stream_arn(&target.place, &input.log_group_name, &input.log_stream_name);
        Ok(Resolved::new(target, Check::resource(arn, cx.account())))
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
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
        target: &GroupTarget,
    ) -> Result<Reply<Unit>, ApiError> {
        let GroupTarget { place, group, .. } = target;
        if logs.repo().stream(place, &group.record, &input.log_stream_name).await?.is_some() {
            return Err(error::stream_exists());
        }
        let stream = Stream { id: logs.kernel().new_id().to_string(), created: cx.time.as_millis() };
        let mut writes = WriteSet::new();
        repo::require_group(&mut writes, place, group);
        repo::create_stream(&mut writes, place, &group.record, &input.log_stream_name, &stream);
        Ok(Reply::with_writes(Unit, writes))
    }
}
