//! A page of a stream's events, read forwards or backwards.

use std::collections::VecDeque;

use garrison_schema::ApiError;

use crate::batch::{Event, Position};
use crate::group::StreamTarget;
use crate::reader::{Reader, Scope, Wanted};
use crate::repo::Repo;

/// What a page of events has at most: CloudWatch Logs quotas, "1 MB".
pub(crate) const PAGE_BYTES: usize = 1 << 20;
/// What an event counts beside its message.
pub(crate) const EVENT_OVERHEAD: usize = 26;
/// How far a search backwards looks first; each further look is this many times as long.
const FIRST_WINDOW: i64 = 60_000;
const GROWTH: i64 = 8;

/// The bytes that an event counts.
pub(crate) fn size(message: &str) -> usize {
    message.len() + EVENT_OVERHEAD
}

fn wanted(target: &StreamTarget, from: Position, end: Position) -> Wanted<'_> {
    let scope = Scope::Stream(target.stream.record.id.clone());
    Wanted { place: &target.group.place, group: &target.group.group.record, scope, from, end }
}

/// The oldest events from `from` until `end`, at most `limit` and a page.
///
/// # Errors
/// The store's.
pub(crate) async fn forward(
    repo: &Repo,
    target: &StreamTarget,
    from: Position,
    end: Position,
    limit: usize,
) -> Result<Vec<Event>, ApiError> {
    let mut reader = Reader::new(repo, wanted(target, from, end));
    let (mut events, mut bytes) = (Vec::new(), 0);
    while events.len() < limit
        && let Some(event) = reader.next().await?
    {
        bytes += size(&event.message);
        if bytes > PAGE_BYTES && !events.is_empty() {
            break;
        }
        events.push(event);
    }
    Ok(events)
}

/// The newest events from `from` until `end`, oldest first, at most `limit` and a page.
///
/// The store is read forwards only. So the search looks at a short time before the end, and at longer ones before that.
///
/// # Errors
/// The store's.
pub(crate) async fn backward(
    repo: &Repo,
    target: &StreamTarget,
    from: Position,
    end: Position,
    limit: usize,
) -> Result<Vec<Event>, ApiError> {
    let Some(begins) = repo.begins(&target.group.place, &target.stream.record.id).await? else {
        return Ok(Vec::new());
    };
    let from = from.max(Position::at(begins));
    let (mut found, mut bytes): (VecDeque<Event>, usize) = (VecDeque::new(), 0);
    let (mut until, mut window) = (end, FIRST_WINDOW);
    while until > from {
        let start = Position::at(until.timestamp.saturating_sub(window)).max(from);
        let (mut newest, mut newest_bytes) = (VecDeque::new(), 0);
        let mut reader = Reader::new(repo, wanted(target, start, until));
        let mut full = false;
        while let Some(event) = reader.next().await? {
            newest_bytes += size(&event.message);
            newest.push_back(event);
            while newest.len() + found.len() > limit || newest_bytes + bytes > PAGE_BYTES {
                if newest.len() == 1 && found.is_empty() {
                    break;
                }
                full = true;
                let Some(dropped) = newest.pop_front() else { break };
                newest_bytes -= size(&dropped.message);
            }
        }
        bytes += newest_bytes;
        newest.append(&mut found);
        found = newest;
        if full || found.len() >= limit {
            break;
        }
        until = start;
        window = window.saturating_mul(GROWTH);
    }
    Ok(found.into())
}
