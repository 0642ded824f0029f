//! `FilterLogEvents`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
//!
//! Action `logs:FilterLogEvents` on the group. Events of all streams come in the order of time. A page ends after 1 MB, the
//! limit, or so many bytes searched; it may be empty and have a token all the same, as on AWS.

use std::collections::HashSet;

use garrison_api_logs::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_log_query::FilterPattern;
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::batch::{self, Event, Position};
use crate::group::GroupTarget;
use crate::reader::{Reader, Scope, Wanted};
use crate::service::Logs;
use crate::{error, page, paging};

/// How many events a page has at most, and when the caller does not say.
const PAGE: usize = 10_000;
/// How many bytes of messages a call searches.
const SEARCHED: usize = 32 << 20;

impl Handler<Logs> for operations::FilterLogEvents {
    const ACCESS: Access = Access::read("logs:FilterLogEvents");
    type Target = GroupTarget;

    async fn resolve(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<GroupTarget>, ApiError> {
        let (name, identifier) = (input.log_group_name.as_deref(), input.log_group_identifier.as_deref());
        Ok(GroupTarget::either(logs, cx, name, identifier).await?.resolved())
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
    ) -> Result<Reply<Self::Output>, ApiError> {
        if input.start_from_head == Some(false) {
            return Err(error::not_built("Filtering from the newest event on"));
        }
        let pattern = FilterPattern::parse(input.filter_pattern.as_deref().unwrap_or_default())
            .map_err(|error| error::invalid(error.filter_message()))?;
        let limit = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE).min(PAGE);
        let oldest = Position::at(input.start_time.unwrap_or_default().max(target.horizon(cx)));
        let from = match &input.next_token {
            Some(token) => {
                let last = paging::read(token).and_then(|text| Position::parse(&text));
                oldest.max(last.ok_or_else(error::invalid_token)?.next())
            }
            None => oldest,
        };
        let end = Position::at(input.end_time.map_or(i64::MAX, |end| end.saturating_add(1)));
        let scope = scope(logs, target, input).await?;
        let wanted = Wanted { place: &target.place, group: &target.group.record, scope, from, end };
        let mut reader = Reader::new(logs.repo(), wanted);
        let (mut events, mut bytes, mut last) = (Vec::new(), 0, None);
        let next_token = loop {
            let Some(event) = reader.next().await? else { break None };
            let position = event.position;
            if pattern.matches(&event.message) {
                bytes += page::size(&event.message);
                let full = events.len() == limit || (bytes > page::PAGE_BYTES && !events.is_empty());
                if full {
                    break last.map(token);
                }
                events.push(view(event));
            }
            last = Some(position);
            if reader.opened > SEARCHED {
                break last.map(token);
            }
        };
        Ok(Reply::new(types::FilterLogEventsResponse {
            events: Some(events),
            // AWS lists no streams here any more.
            searched_log_streams: Some(Vec::new()),
            next_token,
        }))
    }
}

fn token(position: Position) -> String {
    paging::write(&position.text())
}

/// The streams that the caller named, or those with a prefix.
async fn scope(
    logs: &Logs,
    target: &GroupTarget,
    input: &types::FilterLogEventsRequest,
) -> Result<Scope, ApiError> {
    let (place, group) = (&target.place, &target.group.record);
    match (&input.log_stream_names, &input.log_stream_name_prefix) {
        (Some(_), Some(_)) => {
            Err(error::invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters."))
        }
        (Some(names), None) => {
            let mut ids = HashSet::new();
            for name in names {
                let found = logs.repo().stream(place, group, name).await?;
                ids.insert(found.ok_or_else(error::stream_not_found)?.record.id);
            }
            Ok(Scope::Group(Some(ids)))
        }
        (None, Some(prefix)) => {
            let found = logs.repo().streams(place, group, None, usize::MAX, prefix).await?;
            Ok(Scope::Group(Some(found.into_iter().map(|stream| stream.record.id).collect())))
        }
        (None, None) => Ok(Scope::Group(None)),
    }
}

fn view(event: Event) -> types::FilteredLogEvent {
    types::FilteredLogEvent {
        log_stream_name: Some(event.stream.to_string()),
        timestamp: Some(event.position.timestamp),
        message: Some(event.message),
        ingestion_time: Some(batch::ingestion(event.position.sequence)),
        event_id: Some(event.position.text()),
    }
}
