//! `DescribeQueries`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeQueries.html>
//!
//! Action `logs:DescribeQueries` on no resource. Queries are remembered in memory, the newest of them.

use garrison_api_logs::operations;
use garrison_api_logs::types::{self, QueryLanguage};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::error;
use crate::paging;
use crate::queries::State;
use crate::repo::Place;
use crate::service::Logs;

/// How many queries a page has at most, and when the caller does not say.
const PAGE: usize = 1000;

impl Handler<Logs> for operations::DescribeQueries {
    const ACCESS: Access = Access::read("logs:DescribeQueries");
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
        let last = match &input.next_token {
            Some(token) => Some(paging::read(token).ok_or_else(error::invalid_token)?),
            None => None,
        };
        let limit = input.max_results.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE);
        let wanted = |state: &State| {
            input.log_group_name.as_ref().is_none_or(|name| state.groups.contains(name))
                && input.status.as_ref().is_none_or(|status| *status == state.status)
                && input.query_language.as_ref().is_none_or(|language| *language == QueryLanguage::Cwli)
        };
        let known = logs.queries().list(&Place::of(cx));
        // Newest first: the page begins behind the query that the one before ended with.
        let behind = match &last {
            Some(last) => known.iter().position(|state| state.id == *last).map_or(known.len(), |at| at + 1),
            None => 0,
        };
        let mut found: Vec<State> = known.into_iter().skip(behind).filter(wanted).take(limit + 1).collect();
        let more = found.len() > limit;
        found.truncate(limit);
        let next_token = found.last().filter(|_| more).map(|state| paging::write(&state.id));
        let queries = Some(found.into_iter().map(view).collect());
        Ok(Reply::new(types::DescribeQueriesResponse { queries, next_token }))
    }
}

fn view(state: State) -> types::QueryInfo {
    types::QueryInfo {
        query_language: Some(QueryLanguage::Cwli),
        query_id: Some(state.id),
        query_string: Some(state.text),
        status: Some(state.status),
        create_time: Some(state.created),
        log_group_name: state.groups.into_iter().next(),
        user_identity: Some(state.asker.to_string()),
        ..types::QueryInfo::default()
    }
}
