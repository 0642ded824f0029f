//! `GetLogEvents`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>
//!
//! Action `logs:GetLogEvents` on the stream. A token is `f/` or `b/` and the position of the event that the page ended
//! with; at the end of a stream the caller gets the token back that they gave.

use garrison_api_logs::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::batch::{self, Event, Position};
use crate::group::{GroupTarget, StreamTarget};
use crate::service::Logs;
use crate::{error, page};

/// How many events a page has at most, and when the caller does not say.
const PAGE: usize = 10_000;
/// No event is further ahead of the clock: `PutLogEvents` refuses it.
const AHEAD: i64 = 3 * 3600 * 1000;

/// Where a page begins.
enum Start {
    Head,
    Tail,
    Behind(Position),
    Before(Position),
}

impl Handler<Logs> for operations::GetLogEvents {
    const ACCESS: Access = Access::read("logs:GetLogEvents");
    type Target = StreamTarget;

    async fn resolve(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<StreamTarget>, ApiError> {
        let (name, identifier) = (input.log_group_name.as_deref(), input.log_group_identifier.as_deref());
        let group = GroupTarget::either(logs, cx, name, identifier).await?;
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
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
        target: &StreamTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let start = start(input)?;
        let limit = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE).min(PAGE);
        let from = Position::at(input.start_time.unwrap_or_default().max(target.group.horizon(cx)));
        let newest = cx.time.as_millis().saturating_add(AHEAD);
        let end = Position::at(input.end_time.map_or(newest, |end| end.min(newest)));
        let repo = logs.repo();
        let events = match start {
            Start::Head => page::forward(repo, target, from, end, limit).await?,
            Start::Behind(last) => page::forward(repo, target, from.max(last.next()), end, limit).await?,
            Start::Tail => page::backward(repo, target, from, end, limit).await?,
            Start::Before(first) => page::backward(repo, target, from, end.min(first), limit).await?,
        };
        // Where nothing was found, the page's ends are where it began.
        let idle = match start {
            Start::Behind(position) | Start::Before(position) => position,
            Start::Head | Start::Tail => Position::at(from.timestamp.min(newest)),
        };
        let forward = events.last().map_or(idle, |event| event.position);
        let backward = events.first().map_or(idle, |event| event.position);
        Ok(Reply::new(types::GetLogEventsResponse {
            events: Some(events.into_iter().map(view).collect()),
            next_forward_token: Some(format!("f/{}/s", forward.text())),
            next_backward_token: Some(format!("b/{}/s", backward.text())),
        }))
    }
}

fn start(input: &types::GetLogEventsRequest) -> Result<Start, ApiError> {
    let Some(token) = &input.next_token else {
        return Ok(if input.start_from_head == Some(true) { Start::Head } else { Start::Tail });
    };
    let position = |text: &str| Position::parse(text.strip_suffix("/s")?);
    let start = match token.split_at_checked(2) {
        Some(("f/", text)) => position(text).map(Start::Behind),
        Some(("b/", text)) => position(text).map(Start::Before),
        _ => None,
    };
    start.ok_or_else(error::invalid_token)
}

fn view(event: Event) -> types::OutputLogEvent {
    types::OutputLogEvent {
        timestamp: Some(event.position.timestamp),
        message: Some(event.message),
        ingestion_time: Some(batch::ingestion(event.position.sequence)),
    }
}
