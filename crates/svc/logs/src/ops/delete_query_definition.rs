//! `DeleteQueryDefinition`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteQueryDefinition.html>
//!
//! Action `logs:DeleteQueryDefinition` on no resource.

use garrison_api_logs::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::repo::Place;
use crate::service::Logs;
use crate::{error, repo};

impl Handler<Logs> for operations::DeleteQueryDefinition {
    const ACCESS: Access = Access::write("logs:DeleteQueryDefinition");
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
        let place = Place::of(cx);
        let found = logs.repo().definition(&place, &input.query_definition_id).await?;
        let mut writes = WriteSet::new();
        repo::delete_definition(&mut writes, &place, &found.ok_or_else(error::query_not_found)?);
        Ok(Reply::with_writes(types::DeleteQueryDefinitionResponse { success: Some(true) }, writes))
    }
}
