//! `DeleteLogStream`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html>
//!
//! Action `logs:DeleteLogStream` on the stream. Its events are gone at once; a worker frees their room.

use garrison_api_logs::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::group::{GroupTarget, StreamTarget};
use crate::repo;
use crate::service::Logs;

impl Handler<Logs> for operations::DeleteLogStream {
    const ACCESS: Access = Access::write("logs:DeleteLogStream");
    type Target = StreamTarget;

    async fn resolve(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<StreamTarget>, ApiError> {
        let group = GroupTarget::find(logs, cx, &input.log_group_name).await?;
        Ok(StreamTarget::find(logs, group, &input.log_stream_name).await?.resolved())
    }

    fn condition<'a>(
        _: &'a Logs,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a StreamTarget,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.group.condition(None, key)
    }

    async fn execute(
        _: &Logs,
        _: &Context,
        _: &Self::Input,
        target: &StreamTarget,
    ) -> Result<Reply<Unit>, ApiError> {
        let GroupTarget { place, group, .. } = &target.group;
        let mut writes = WriteSet::new();
        repo::delete_stream(&mut writes, place, &group.record, &target.stream);
        Ok(Reply::with_writes(Unit, writes))
    }
}
