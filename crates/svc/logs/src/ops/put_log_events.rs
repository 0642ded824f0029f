//! `PutLogEvents`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
//!
//! Action `logs:PutLogEvents` on the stream. Events that are too old, too new or expired are left out, and the answer says
//! which; the others are durable when it is given. Sequence tokens are ignored, as on AWS.

use garrison_api_logs::operations;
use garrison_api_logs::types::{self, InputLogEvent};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::batch::{self, BATCH_BYTES};
use crate::error;
use crate::group::{GroupTarget, StreamTarget};
use crate::page;
use crate::records::Activity;
use crate::repo::{self, BatchKey, MAX_SPAN};
use crate::service::Logs;

/// The most bytes of a call, 26 for each event included.
const MAX_BYTES: usize = 1 << 20;
/// How far ahead of the clock an event may be.
const TOO_NEW: i64 = 2 * 3600 * 1000;
/// How old an event may be.
const TOO_OLD: i64 = 14 * 24 * 3600 * 1000;

impl Handler<Logs> for operations::PutLogEvents {
    const ACCESS: Access = Access::write("logs:PutLogEvents").omitting_request(&["logEvents"]);
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
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
        target: &StreamTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        check(&input.log_events)?;
        let now = cx.time.as_millis();
        let sorted = Sorted::new(&input.log_events, now, target.group.horizon(cx));
        let accepted = sorted.accepted(&input.log_events);
        let (mut writes, mut token) = (WriteSet::new(), None);
        if let (Some(first), Some(last)) = (accepted.first(), accepted.last()) {
            let GroupTarget { place, group, .. } = &target.group;
            repo::require_group(&mut writes, place, group);
            repo::require_stream(&mut writes, place, &group.record, &target.stream);
            for events in chunks(accepted) {
                token = Some(put_batch(logs, &mut writes, target, events, now)?);
            }
            let was = logs.repo().activity(place, &group.record, &target.stream.record).await?;
            let activity = Activity {
                first: was.map_or(first.timestamp, |was| was.first.min(first.timestamp)),
                last: was.map_or(last.timestamp, |was| was.last.max(last.timestamp)),
                ingested: now,
            };
            repo::put_activity(&mut writes, place, &group.record, &target.stream.record, activity);
        }
        let output = types::PutLogEventsResponse {
            // Nobody reads it any more, but older clients expect one.
            next_sequence_token: token.map(|sequence| format!("{sequence:056}")),
            rejected_log_events_info: sorted.rejected(),
            rejected_entity_info: None,
        };
        Ok(Reply::with_writes(output, writes))
    }
}

/// What holds for the whole call.
fn check(events: &[InputLogEvent]) -> Result<(), ApiError> {
    let bytes: usize = events.iter().map(|event| page::size(&event.message)).sum();
    if bytes > MAX_BYTES {
        return Err(error::invalid(format!("Upload too large: {bytes} bytes exceeds limit of {MAX_BYTES}")));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Err(error::invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    let span = events.first().zip(events.last()).map_or(0, |(a, b)| b.timestamp.saturating_sub(a.timestamp));
    if span > MAX_SPAN {
        return Err(error::invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    Ok(())
}

/// Where the accepted events of a call begin and end.
struct Sorted {
    count: usize,
    too_old: usize,
    expired: usize,
    too_new: usize,
}

impl Sorted {
    /// Events are in the order of time, so that what is refused stands at the ends.
    fn new(events: &[InputLogEvent], now: i64, horizon: i64) -> Self {
        let before = |time: i64| events.partition_point(|event| event.timestamp < time);
        Self {
            count: events.len(),
            too_old: before(now.saturating_sub(TOO_OLD)),
            expired: before(horizon),
            too_new: before(now.saturating_add(TOO_NEW).saturating_add(1)),
        }
    }

    fn accepted<'a>(&self, events: &'a [InputLogEvent]) -> &'a [InputLogEvent] {
        events.get(self.too_old.max(self.expired)..self.too_new).unwrap_or_default()
    }

    fn rejected(&self) -> Option<types::RejectedLogEventsInfo> {
        let index = |n: usize| i32::try_from(n).ok();
        let info = types::RejectedLogEventsInfo {
            too_new_log_event_start_index: index(self.too_new).filter(|_| self.too_new < self.count),
            too_old_log_event_end_index: index(self.too_old).filter(|_| self.too_old > 0),
            expired_log_event_end_index: index(self.expired).filter(|_| self.expired > 0),
        };
        (info != types::RejectedLogEventsInfo::default()).then_some(info)
    }
}

/// The events in batches.
fn chunks(events: &[InputLogEvent]) -> impl Iterator<Item = &[InputLogEvent]> {
    let mut bytes = 0;
    events.chunk_by(move |event, _| {
        bytes += page::size(&event.message);
        let together = bytes < BATCH_BYTES;
        if !together {
            bytes = 0;
        }
        together
    })
}

/// Adds a batch, and gives its sequence number.
fn put_batch(
    logs: &Logs,
    writes: &mut WriteSet,
    target: &StreamTarget,
    events: &[InputLogEvent],
    now: i64,
) -> Result<u128, ApiError> {
    let mut random = [0; 8];
    logs.kernel().rng().fill(&mut random);
    let came_in = u128::from(now.max(0).unsigned_abs()) << 64;
    let key = BatchKey {
        group: target.group.group.record.id.clone(),
        stream: target.stream.record.id.clone(),
        first: events.first().map_or(0, |event| event.timestamp),
        last: events.last().map_or(0, |event| event.timestamp),
        sequence: came_in | u128::from(u64::from_be_bytes(random)),
    };
    let events: Vec<(i64, &str)> =
        events.iter().map(|event| (event.timestamp, event.message.as_str())).collect();
    let place = &target.group.place;
    let value = batch::encode(logs.kernel(), &key.events(place), &target.stream.name, &events)?;
    repo::create_batch(writes, place, &key, value);
    Ok(key.sequence)
}
