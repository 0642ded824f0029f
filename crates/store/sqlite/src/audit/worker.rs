//! The worker: writes what is queued, syncs once, wakes everyone who waited for it.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::index::Summary;
use super::log::{Active, Chunk, Shared, State};
use super::segment::{self, Sealed, Segment};
use crate::folder;

/// How long a failing log waits before it tries again.
const RETRY: Duration = Duration::from_millis(100);
/// How long a group waits for the records of calls that seem to be under way: less than a disk's sync takes, which
/// each group that is not needed costs.
const GATHER: Duration = Duration::from_micros(500);

/// Works until the log is dropped and everything queued is written, then finishes the last segment, so that the
/// next start need not read it.
pub(crate) fn run(shared: &Shared) {
    while next(shared) {
        gather(shared);
        pass(shared);
    }
    let mut state = shared.state.lock();
    if state.failure.is_none()
        && let Some(last) = state.active.take_if(|active| !active.entries.is_empty())
    {
        state.closing.push(last);
    }
    drop(state);
    seal_full(shared);
    // A reservation may outlive the log; what it appends now must not wait for ever.
    let mut state = shared.state.lock();
    state.failure.get_or_insert_with(|| "the audit log is closed".to_owned());
    state.failed = u64::MAX;
    wake(state);
}

/// Waits for work; false when there is none and the log is being dropped.
fn next(shared: &Shared) -> bool {
    let mut state = shared.state.lock();
    loop {
        let failing = state.failure.is_some() || state.no_spare.is_some();
        if state.stop && (failing || state.queue.is_empty()) {
            return false;
        }
        let queued = !state.queue.is_empty() && state.failure.is_none();
        if queued || !state.closing.is_empty() && !failing || state.poke {
            break;
        }
        if state.spares.is_empty() && !failing {
            break;
        }
        state.idle = true;
        let timed_out = if failing {
            shared.work.wait_for(&mut state, RETRY).timed_out()
        } else {
            shared.work.wait(&mut state);
            false
        };
        if timed_out {
            break;
        }
    }
    state.idle = false;
    state.poke = false;
    true
}

/// Waits a moment for as many records as lately were under way at once, so that one sync serves them all: callers
/// that were woken together come back together. A caller that is alone never waits.
fn gather(shared: &Shared) {
    let mut state = shared.state.lock();
    let end = state.durable + state.under_way;
    if state.stop
        || state.poke
        || state.failure.is_some()
        || state.queue.is_empty()
        || end < state.next_sequence
    {
        return;
    }
    state.group_end = Some(end);
    shared.work.wait_while_for(&mut state, |state| state.group_end.is_some() && !state.stop, GATHER);
    state.group_end = None;
}

/// Writes and syncs everything queued, then finishes full segments and makes a spare.
fn pass(shared: &Shared) {
    let gate = shared.gate.lock();
    let mut queue = std::mem::take(&mut shared.state.lock().queue);
    let last = queue.back().map(|chunk| (Arc::clone(&chunk.segment), chunk.end()));
    let written = write(shared, &queue);
    let mut state = shared.state.lock();
    match written {
        Ok(()) => settle(&mut state, &queue),
        Err(error) => {
            let reason = folder::describe(&error, "the audit log cannot be written");
            if state.failure.is_none() {
                tracing::error!(%reason, "the audit log fails");
            }
            state.failure = Some(reason);
            state.failed = state.next_sequence - 1;
            // The records stay queued and are written again: they are in the log even when their calls failed.
            queue.append(&mut state.queue);
            state.queue = queue;
        }
    }
    let healthy = state.failure.is_none();
    wake(state);
    if healthy {
        if let Some((segment, end)) = last {
            write_ahead(&segment, end);
        }
        seal_full(shared);
    }
    drop(gate);
    shared.ensure_spare();
    let mut state = shared.state.lock();
    state.passes += 1;
    wake(state);
}

fn write(shared: &Shared, queue: &VecDeque<Chunk>) -> io::Result<()> {
    for chunk in queue {
        chunk.segment.write(&chunk.bytes, chunk.offset)?;
        // A later segment's records must not be durable before this one's: only the last one may be torn.
        chunk.segment.sync(shared.sync)?;
    }
    Ok(())
}

/// Prepares the room behind what was just written. Whoever waited for that is awake by now.
fn write_ahead(segment: &Segment, end: u64) {
    if let Err(error) = segment.write_ahead(end) {
        // Records are written there all the same, or the log says why not.
        tracing::debug!(%error, "cannot write ahead in the audit log");
    }
}

fn settle(state: &mut State, queue: &VecDeque<Chunk>) {
    if state.failure.take().is_some() {
        tracing::info!("the audit log writes again");
    }
    state.under_way = state.next_sequence - 1 - state.durable;
    for chunk in queue {
        state.durable = state.durable.max(chunk.last_sequence);
        let end = chunk.end();
        let segments = state.active.iter_mut().chain(&mut state.closing);
        for active in segments.filter(|active| active.segment.number == chunk.segment.number) {
            active.synced = end;
        }
    }
}

/// Wakes whoever's record is settled, outside the lock.
fn wake(mut state: parking_lot::MutexGuard<'_, State>) {
    let settled = if state.failure.is_some() { state.failed } else { state.durable };
    let ready: Vec<_> = state.waiters.extract_if(.., |(sequence, _)| *sequence <= settled).collect();
    drop(state);
    ready.into_iter().for_each(|(_, waker)| waker.wake());
}

/// Writes the index of each full segment, all of which is durable, and gives its unused room back.
fn seal_full(shared: &Shared) {
    loop {
        let (segment, mut entries, end) = {
            let state = shared.state.lock();
            let Some(full) = state.closing.first().filter(|full| full.synced == full.end) else { return };
            (Arc::clone(&full.segment), full.entries.clone(), full.end)
        };
        segment::sort(&mut entries);
        let finished =
            segment::write_index(&segment.path, &entries, end).and_then(|()| segment.truncate(end));
        if let Err(error) = finished {
            // Without its index a segment is read whole by lookups: slower, not wrong.
            tracing::warn!(%error, segment = segment.number, "cannot write an audit index");
        }
        let sealed = Sealed { path: segment.path.clone(), summary: Summary::of(&entries, end) };
        let mut state = shared.state.lock();
        state.closing.retain(|full: &Active| full.segment.number != segment.number);
        state.sealed.push(Arc::new(sealed));
    }
}
