//! `DescribeQueryDefinitions`:
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeQueryDefinitions.html>
//!
//! Action `logs:DescribeQueryDefinitions` on no resource.

use garrison_api_logs::operations;
use garrison_api_logs::types::{self, QueryLanguage};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::paging::Paging;
use crate::records::Definition;
use crate::repo::{Found, Place};
use crate::service::Logs;

/// How many definitions a page has when the caller does not say.
const PAGE: usize = 1000;

impl Handler<Logs> for operations::DescribeQueryDefinitions {
    const ACCESS: Access = Access::read("logs:DescribeQueryDefinitions");
    type Target = Paging;

    async fn resolve(_: &Logs, _: &Context, input: &Self::Input) -> Result<Resolved<Paging>, ApiError> {
        let paging = Paging::new(input.max_results, input.next_token.as_deref(), PAGE)?;
        Ok(Resolved::new(paging, Check::any()))
    }

    async fn execute(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
        paging: &Paging,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let prefix = input.query_definition_name_prefix.as_deref().unwrap_or_default();
        let place = Place::of(cx);
        let found = logs.repo().definitions(&place, paging.after(), paging.wanted(), prefix).await?;
        let (found, next_token) = paging.cut(found, |found| found.name.clone());
        let query_definitions = Some(found.into_iter().map(view).collect());
        Ok(Reply::new(types::DescribeQueryDefinitionsResponse { query_definitions, next_token }))
    }
}

fn view(found: Found<Definition>) -> types::QueryDefinition {
    types::QueryDefinition {
        query_language: Some(QueryLanguage::Cwli),
        query_definition_id: Some(found.name),
        name: Some(found.record.name),
        query_string: Some(found.record.query),
        last_modified: Some(found.record.modified),
        log_group_names: Some(found.record.groups),
        parameters: None,
    }
}
