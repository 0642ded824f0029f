//! `StopQuery`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StopQuery.html>
//!
//! Action `logs:StopQuery` on no resource.

use garrison_api_logs::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::error;
use crate::repo::Place;
use crate::service::Logs;

impl Handler<Logs> for operations::StopQuery {
    const ACCESS: Access = Access::read("logs:StopQuery");
    type Target = ();

    async fn resolve(_: &Logs, _: &Context, _: &Self::Input) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
        (): &(),
    ) -> Result<Reply<Self::Output>, ApiError> {
        logs.queries().get(&Place::of(cx), &input.query_id).ok_or_else(error::query_not_found)?;
        if !logs.queries().stop(&input.query_id) {
            return Err(error::invalid("The specified query is not running."));
        }
        Ok(Reply::new(types::StopQueryResponse { success: Some(true) }))
    }
}
