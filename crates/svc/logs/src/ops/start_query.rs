//! `StartQuery`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html>
//!
//! Action `logs:StartQuery` on each group.

use garrison_api_logs::types::{self, QueryLanguage};
use garrison_api_logs::{errors as api, operations};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_log_query::{Query, QueryError};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::error;
use crate::group::{self, GroupTarget};
use crate::queries::Asked;
use crate::repo::Place;
use crate::service::Logs;

impl Handler<Logs> for operations::StartQuery {
    const ACCESS: Access = Access::read("logs:StartQuery");
    type Target = Vec<GroupTarget>;

    async fn resolve(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Vec<GroupTarget>>, ApiError> {
        let mut groups = Vec::new();
        for name in names(cx, input)? {
            groups.push(GroupTarget::find(logs, cx, &name).await?);
        }
        let checks = groups.iter().map(GroupTarget::check).collect();
        Ok(Resolved { target: groups, checks, resources: Vec::new() })
    }

    fn condition<'a>(
        _: &'a Logs,
        _: &'a Context,
        _: &'a Self::Input,
        groups: &'a Vec<GroupTarget>,
        check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        groups.get(check)?.condition(None, key)
    }

    async fn execute(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
        groups: &Vec<GroupTarget>,
    ) -> Result<Reply<Self::Output>, ApiError> {
        if input.query_language.as_ref().is_some_and(|language| *language != QueryLanguage::Cwli) {
            return Err(error::not_built("Queries in OpenSearch SQL and PPL"));
        }
        if input.end_time < input.start_time {
            return Err(error::invalid("The query's end time must not be before its start time."));
        }
        let query = Query::parse(&input.query_string).map_err(|error| malformed(&error))?;
        let asked = Asked {
            place: Place::of(cx),
            groups: groups.iter().map(|target| target.group.clone()).collect(),
            text: input.query_string.clone(),
            query,
            start: millis(input.start_time),
            end: millis(input.end_time),
            now: cx.time.as_millis(),
            limit: input.limit.and_then(|limit| usize::try_from(limit).ok()),
            asker: cx.caller.arn.clone(),
        };
        let id = logs.kernel().new_id().to_string();
        logs.queries().start(id.clone(), logs.shared_repo(), asked)?;
        Ok(Reply::new(types::StartQueryResponse { query_id: Some(id) }))
    }
}

/// The names of the groups: exactly one of the three members gives them.
fn names(cx: &Context, input: &types::StartQueryRequest) -> Result<Vec<String>, ApiError> {
    let named = match (&input.log_group_name, &input.log_group_names, &input.log_group_identifiers) {
        (Some(name), None, None) => vec![name.clone()],
        (None, Some(names), None) => names.clone(),
        (None, None, Some(identifiers)) => {
            identifiers.iter().map(|each| group::name_of(cx, each)).collect::<Result<_, _>>()?
        }
        _ => Vec::new(),
    };
    if named.is_empty() {
        return Err(error::invalid(
            "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must name log groups.",
        ));
    }
    Ok(named)
}

/// Times are seconds; larger ones than seconds reach are milliseconds, which AWS takes as well.
fn millis(time: i64) -> i64 {
    const SECONDS_UNTIL_THE_YEAR_5138: i64 = 100_000_000_000;
    if time < SECONDS_UNTIL_THE_YEAR_5138 { time.saturating_mul(1000) } else { time }
}

fn malformed(error: &QueryError) -> ApiError {
    let offset = |place: usize| i32::try_from(place).ok();
    let location = types::QueryCompileErrorLocation {
        start_char_offset: offset(error.start),
        end_char_offset: offset(error.end),
    };
    let compile = types::QueryCompileError { location: Some(location), message: Some(error.message.clone()) };
    api::malformed_query_exception(error.message.clone())
        .with_members(types::MalformedQueryException { query_compile_error: Some(compile) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_milliseconds() {
        assert_eq!(millis(1_800_000_000), 1_800_000_000_000);
        assert_eq!(millis(1_800_000_000_000), 1_800_000_000_000);
    }
}
