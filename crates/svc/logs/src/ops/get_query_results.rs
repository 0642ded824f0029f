//! `GetQueryResults`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html>
//!
//! Action `logs:GetQueryResults` on each group of the query.

use garrison_api_logs::operations;
use garrison_api_logs::types::{self, QueryLanguage};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::paging;
use crate::queries::{self, State};
use crate::repo::Place;
use crate::service::Logs;
use crate::{error, group};

/// How many rows a page has when the caller does not say: all of a query's.
const PAGE: usize = 10_000;

impl Handler<Logs> for operations::GetQueryResults {
    const ACCESS: Access = Access::read("logs:GetQueryResults");
    type Target = State;

    async fn resolve(logs: &Logs, cx: &Context, input: &Self::Input) -> Result<Resolved<State>, ApiError> {
        let place = Place::of(cx);
        let state = logs.queries().get(&place, &input.query_id).ok_or_else(error::query_not_found)?;
        let checks = state.groups.iter().map(|name| group::check(&place, name)).collect();
        Ok(Resolved { target: state, checks, resources: Vec::new() })
    }

    async fn execute(
        _: &Logs,
        _: &Context,
        input: &Self::Input,
        state: &State,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let begin = match &input.next_token {
            Some(token) => {
                let place = paging::read(token).and_then(|text| text.parse::<usize>().ok());
                place.ok_or_else(error::invalid_token)?
            }
            None => 0,
        };
        let limit = input.max_items.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE).max(1);
        let rows = &state.results.rows;
        let end = begin.saturating_add(limit).min(rows.len());
        let page = rows.get(begin..end).unwrap_or_default();
        let view = |row: &garrison_log_query::Row| row.iter().map(field).collect();
        Ok(Reply::new(types::GetQueryResultsResponse {
            query_language: Some(QueryLanguage::Cwli),
            results: Some(page.iter().map(view).collect()),
            statistics: Some(queries::statistics(&state.results.statistics, state.groups.len())),
            status: Some(state.status.clone()),
            encryption_key: None,
            next_token: (end < rows.len()).then(|| paging::write(&end.to_string())),
        }))
    }
}

fn field(field: &garrison_log_query::ResultField) -> types::ResultField {
    types::ResultField { field: Some(field.field.to_string()), value: Some(field.value.clone()) }
}
