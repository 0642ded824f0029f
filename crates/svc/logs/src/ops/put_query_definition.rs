//! `PutQueryDefinition`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html>
//!
//! Action `logs:PutQueryDefinition` on no resource. The text is not looked at, as on AWS: only StartQuery compiles it.

use garrison_api_logs::operations;
use garrison_api_logs::types::{self, QueryLanguage};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::records::Definition;
use crate::repo::Place;
use crate::service::Logs;
use crate::{error, repo};

impl Handler<Logs> for operations::PutQueryDefinition {
    const ACCESS: Access = Access::write("logs:PutQueryDefinition");
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
        if input.query_language.as_ref().is_some_and(|language| *language != QueryLanguage::Cwli) {
            return Err(error::not_built("Queries in OpenSearch SQL and PPL"));
        }
        if input.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty()) {
            return Err(error::not_built("Queries with parameters"));
        }
        let place = Place::of(cx);
        let id = match &input.query_definition_id {
            Some(id) => logs.repo().definition(&place, id).await?.ok_or_else(error::query_not_found)?.name,
            None => logs.kernel().new_id().to_string(),
        };
        let definition = Definition {
            name: input.name.clone(),
            query: input.query_string.clone(),
            groups: input.log_group_names.clone().unwrap_or_default(),
            modified: cx.time.as_millis(),
        };
        let mut writes = WriteSet::new();
        repo::put_definition(&mut writes, &place, &id, &definition);
        let output = types::PutQueryDefinitionResponse { query_definition_id: Some(id) };
        Ok(Reply::with_writes(output, writes))
    }
}
