//! The log's state, and how records enter it.

use std::collections::{HashSet, VecDeque};
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::task::Waker;
use std::thread::JoinHandle;

use garrison_store::{AuditPage, AuditQuery, AuditRecord, AuditUnavailable, Health, StoreError};
use garrison_types::Timestamp;
use parking_lot::{Condvar, Mutex};

use super::frame::{self, HEADER};
use super::index::Entry;
use super::segment::{Sealed, Segment};
use super::wait::{AttemptMade, Durable};
use super::{body, index, lookup, open, worker};
use crate::folder;
use crate::options::Options;
use crate::sync::Syncer;

/// The greatest record that a log takes, header included, unless its segments are small.
const MAX_FRAME: u64 = 512 << 10;
/// How many segments may be set aside at a time: a bound on how much room open calls can claim.
const MAX_SPARES: usize = 16;
/// What a record takes beside the bytes that its caller knows of: attributes and lengths.
const ATTRIBUTES: usize = 512;

/// Why the log takes no record.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// For want of room on the disk.
    full: bool,
    reason: String,
}

impl Refusal {
    fn because(reason: impl Into<String>) -> Self {
        Self { full: false, reason: reason.into() }
    }
}

impl From<Refusal> for AuditUnavailable {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.reason)
    }
}

impl From<Refusal> for StoreError {
    fn from(refusal: Refusal) -> Self {
        let text = AuditUnavailable(refusal.reason).to_string();
        if refusal.full { Self::Full(text) } else { Self::Unavailable(text) }
    }
}

/// The log. Its worker thread ends when it is dropped.
pub(crate) struct SegmentLog {
    pub(crate) shared: Arc<Shared>,
    worker: Option<JoinHandle<()>>,
}

/// What appending threads, lookups and the worker share.
pub(crate) struct Shared {
    pub(crate) folder: PathBuf,
    pub(crate) segment_bytes: u64,
    pub(crate) sync: Syncer,
    pub(crate) state: Mutex<State>,
    /// Wakes the worker.
    pub(crate) work: Condvar,
    /// Held while segments are written, removed or replaced.
    pub(crate) gate: Mutex<()>,
    /// Held while a spare is made, so that spares come in order.
    pub(crate) maker: Mutex<()>,
}

pub(crate) struct State {
    /// Takes records; `None` only while there is no room for one.
    pub(crate) active: Option<Active>,
    /// Full, but not all written or without an index yet.
    pub(crate) closing: Vec<Active>,
    pub(crate) sealed: Vec<Arc<Sealed>>,
    /// Set aside, empty, oldest first.
    pub(crate) spares: VecDeque<Segment>,
    pub(crate) next_number: u64,
    pub(crate) next_sequence: u64,
    /// Room that open calls have claimed.
    pub(crate) reserved: u64,
    /// What is to be written, oldest first.
    pub(crate) queue: VecDeque<Chunk>,
    /// Every record up to this sequence number is durable.
    pub(crate) durable: u64,
    /// Every record between `durable` and this was in an attempt that failed.
    pub(crate) failed: u64,
    /// Why the last attempt to write failed.
    pub(crate) failure: Option<String>,
    /// Why no spare could be made.
    pub(crate) no_spare: Option<String>,
    /// That was for want of room on the disk.
    pub(crate) no_spare_is_full: bool,
    /// A reservation was refused for lack of room since there last was some.
    pub(crate) starved: bool,
    /// Acknowledged records that cannot be read any more.
    pub(crate) damage: Vec<String>,
    pub(crate) waiters: Vec<(u64, Waker)>,
    /// How many passes the worker has finished.
    pub(crate) passes: u64,
    pub(crate) idle: bool,
    /// How many records the last group and those that came during its sync made: so many calls are under way.
    pub(crate) under_way: u64,
    /// The sequence number that the worker waits for before it writes a group.
    pub(crate) group_end: Option<u64>,
    pub(crate) stop: bool,
    /// A pass is wanted though nothing is queued.
    pub(crate) poke: bool,
}

/// A segment that holds records which its index file does not know yet.
pub(crate) struct Active {
    pub(crate) segment: Arc<Segment>,
    /// Where the next frame goes.
    pub(crate) end: u64,
    /// Up to where it is durable.
    pub(crate) synced: u64,
    /// In the order in which they were appended.
    pub(crate) entries: Vec<Entry>,
}

impl Active {
    pub(crate) fn new(segment: Segment) -> Self {
        Self { segment: Arc::new(segment), end: HEADER, synced: HEADER, entries: Vec::new() }
    }

    fn room(&self) -> u64 {
        self.segment.size.saturating_sub(self.end)
    }
}

/// Frames that follow each other in one segment.
pub(crate) struct Chunk {
    pub(crate) segment: Arc<Segment>,
    pub(crate) offset: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) last_sequence: u64,
}

impl Chunk {
    /// Where its last frame ends.
    pub(crate) fn end(&self) -> u64 {
        self.offset + u64::try_from(self.bytes.len()).unwrap_or(u64::MAX)
    }
}

impl SegmentLog {
    /// Opens the log in `folder`, which exists. A log that has no room for a first segment opens degraded.
    pub(crate) fn open(folder: PathBuf, options: &Options, sync: Syncer) -> Result<Self, StoreError> {
        let segment_bytes = options.segment_bytes.clamp(64 << 10, 1 << 30);
        let state = open::read(&folder, segment_bytes)?;
        let shared = Arc::new(Shared {
            folder,
            segment_bytes,
            sync,
            state: Mutex::new(state),
            work: Condvar::new(),
            gate: Mutex::new(()),
            maker: Mutex::new(()),
        });
        // The worker makes the spare.
        if shared.state.lock().active.is_none() {
            shared.make_spare();
        }
        let thread = Arc::clone(&shared);
        let worker = std::thread::Builder::new()
            .name("audit-log".to_owned())
            .spawn(move || worker::run(&thread))
            .map_err(|error| StoreError::Unavailable(format!("cannot start a thread: {error}")))?;
        Ok(Self { shared, worker: Some(worker) })
    }

    /// Sets room aside for one record whose JSON has at most `bytes` bytes.
    pub(crate) fn reserve(&self, bytes: usize) -> Result<Reservation, Refusal> {
        let want = frame::framed_len(bytes.saturating_add(ATTRIBUTES));
        self.shared.claim(want)?;
        Ok(Reservation { shared: Arc::clone(&self.shared), room: want })
    }

    /// Waits until everything appended so far is durable. When the log is failing, makes it try again first.
    pub(crate) fn flush(&self) -> Durable {
        let mut state = self.shared.state.lock();
        let sequence = state.next_sequence - 1;
        if state.failure.is_some() {
            state.poke = true;
            self.shared.work.notify_one();
        }
        let passes = state.passes + if state.idle { 1 } else { 2 };
        let attempt = if state.failure.is_some() { AttemptMade::After(passes) } else { AttemptMade::Any };
        drop(state);
        Durable::new(Arc::clone(&self.shared), sequence, attempt)
    }

    /// Finds records; everything that is to be found must be durable.
    pub(crate) fn lookup(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        lookup::page(&self.shared, query)
    }

    /// Which of these event ids the finished segments hold.
    pub(crate) fn contains(&self, ids: &HashSet<[u8; 16]>) -> io::Result<HashSet<[u8; 16]>> {
        lookup::contains(&self.shared, ids)
    }

    /// The segments with records: each open, its name and how far it is durable.
    pub(crate) fn files(&self) -> io::Result<Vec<(File, OsString, u64)>> {
        // Held so that none is removed before it is open.
        let _gate = self.shared.gate.lock();
        let state = self.shared.state.lock();
        let sealed = state.sealed.iter().map(|sealed| (sealed.path.clone(), sealed.summary.segment_len));
        let open = state.closing.iter().chain(&state.active);
        let open = open.map(|active| (active.segment.path.clone(), active.synced));
        let files: Vec<_> = sealed.chain(open).collect();
        drop(state);
        let open = |(path, len): (PathBuf, u64)| {
            let name = path.file_name().unwrap_or_default().to_owned();
            Ok((File::open(path)?, name, len))
        };
        files.into_iter().map(open).collect()
    }

    /// Tries at once to get room, as the worker does from time to time.
    pub(crate) fn retry_room(&self) {
        self.shared.ensure_spare();
    }

    /// Up to which sequence number records are durable.
    pub(crate) fn durable(&self) -> u64 {
        self.shared.state.lock().durable
    }

    pub(crate) fn health(&self) -> Health {
        let state = self.shared.state.lock();
        let reason = match (&state.failure, state.starved, &state.no_spare) {
            (Some(failure), _, _) => failure.clone(),
            (None, true, Some(reason)) => reason.clone(),
            _ if !state.damage.is_empty() => {
                format!("audit records are damaged: {}", state.damage.join(", "))
            }
            _ => return Health::Ok,
        };
        Health::Degraded(reason)
    }

    /// Removes finished segments whose newest record is older than `oldest`; returns how many.
    pub(crate) fn prune(&self, oldest: Timestamp) -> io::Result<usize> {
        let _gate = self.shared.gate.lock();
        let expired: Vec<_> = {
            let mut state = self.shared.state.lock();
            let (gone, kept) = state.sealed.drain(..).partition(|s| index::expired(&s.summary, oldest));
            state.sealed = kept;
            gone
        };
        for sealed in &expired {
            folder::remove_if_present(&sealed.index_path())?;
            folder::remove_if_present(&sealed.path)?;
        }
        Ok(expired.len())
    }

    /// Removes every record.
    pub(crate) fn reset(&self) -> io::Result<()> {
        let _gate = self.shared.gate.lock();
        let mut state = self.shared.state.lock();
        let open = state.active.take().into_iter().chain(std::mem::take(&mut state.closing));
        let open: Vec<_> = open.map(|active| active.segment.path.clone()).collect();
        let sealed = std::mem::take(&mut state.sealed);
        state.queue.clear();
        state.damage.clear();
        state.durable = state.next_sequence - 1;
        let waiters = std::mem::take(&mut state.waiters);
        for path in open.iter().chain(sealed.iter().map(|sealed| &sealed.path)) {
            folder::remove_if_present(&path.with_extension("idx"))?;
            folder::remove_if_present(path)?;
        }
        state.active = state.spares.pop_front().map(Active::new);
        drop(state);
        waiters.into_iter().for_each(|(_, waker)| waker.wake());
        self.shared.ensure_spare();
        self.shared.sync.sync_folder(&self.shared.folder)
    }
}

impl Drop for SegmentLog {
    fn drop(&mut self) {
        self.shared.state.lock().stop = true;
        self.shared.work.notify_one();
        if let Some(worker) = self.worker.take() {
            // A worker that panicked has nothing more to write.
            let _ = worker.join();
        }
    }
}

/// Room for one record; dropping it gives the room back.
pub(crate) struct Reservation {
    shared: Arc<Shared>,
    room: u64,
}

impl Reservation {
    /// Puts a record into the log; the number is its sequence number.
    pub(crate) fn append(self, record: &AuditRecord) -> Result<u64, Refusal> {
        self.append_encoded(record, &body::encode(record))
    }

    /// Puts a record into the log whose stored form is known already.
    pub(crate) fn append_encoded(mut self, record: &AuditRecord, encoded: &[u8]) -> Result<u64, Refusal> {
        let want = frame::framed_len(encoded.len());
        if want > self.room {
            self.shared.claim(want - self.room)?;
            self.room = want;
        }
        let appended = self.shared.append(record, encoded, want, self.room);
        if appended.is_ok() {
            self.room = 0;
        }
        appended
    }

    pub(crate) fn wait(shared: &Arc<Shared>, sequence: u64) -> Durable {
        Durable::new(Arc::clone(shared), sequence, AttemptMade::Any)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.room > 0 {
            let mut state = self.shared.state.lock();
            state.reserved = state.reserved.saturating_sub(self.room);
        }
    }
}

impl Shared {
    /// The greatest frame.
    fn max_frame(&self) -> u64 {
        MAX_FRAME.min(self.segment_bytes / 4)
    }

    /// Sets `want` bytes aside, or says why not.
    fn claim(&self, want: u64) -> Result<(), Refusal> {
        if want > self.max_frame() {
            return Err(Refusal::because(format!(
                "a record of {want} bytes is greater than {}",
                self.max_frame()
            )));
        }
        loop {
            let mut state = self.state.lock();
            if let Some(failure) = &state.failure {
                return Err(Refusal::because(failure.clone()));
            }
            if state.reserved.saturating_add(want) <= self.room(&state) {
                state.reserved += want;
                state.starved = false;
                return Ok(());
            }
            if let Some(reason) = state.no_spare.clone() {
                // The worker tries again from time to time: a full disk costs callers no system call.
                state.starved = true;
                return Err(Refusal { full: state.no_spare_is_full, reason });
            }
            if state.spares.len() >= MAX_SPARES {
                return Err(Refusal::because("too many calls are open at once"));
            }
            drop(state);
            self.make_spare();
        }
    }

    /// How much can be promised. A segment may stay unfilled by up to one frame, so that much is not counted.
    fn room(&self, state: &State) -> u64 {
        let lost = self.max_frame();
        let active = state.active.as_ref().map_or(0, |active| active.room().saturating_sub(lost));
        let spares = u64::try_from(state.spares.len()).unwrap_or(0);
        active + spares * (self.segment_bytes - HEADER).saturating_sub(lost)
    }

    /// Sees to it that there is an active segment and one spare.
    pub(crate) fn ensure_spare(&self) {
        let mut tries = 0;
        while tries < 2 && self.state.lock().spares.is_empty() {
            self.make_spare();
            tries += 1;
        }
    }

    fn make_spare(&self) {
        let _maker = self.maker.lock();
        let number = {
            let mut state = self.state.lock();
            state.next_number += 1;
            state.next_number - 1
        };
        let made = Segment::create(&self.folder, number, self.segment_bytes, self.sync);
        let mut state = self.state.lock();
        match made {
            Ok(segment) => {
                state.no_spare = None;
                state.starved = false;
                if state.active.is_none() {
                    state.active = Some(Active::new(segment));
                } else {
                    state.spares.push_back(segment);
                }
            }
            Err(error) => {
                let reason = folder::describe(&error, "the audit log cannot grow");
                tracing::warn!(%reason, "no new audit segment");
                state.no_spare = Some(reason);
                state.no_spare_is_full = folder::is_full(&error);
                // The worker waits with a time limit from now on.
                self.work.notify_one();
            }
        }
    }

    /// Queues a frame of `want` bytes and gives `claimed` bytes of room back.
    fn append(&self, record: &AuditRecord, encoded: &[u8], want: u64, claimed: u64) -> Result<u64, Refusal> {
        let crc = frame::body_crc(encoded);
        let mut entry = Entry::of(record, 0, 0);
        let mut state = self.state.lock();
        if state.active.as_ref().is_none_or(|active| active.room() < want) {
            self.switch(&mut state)?;
        }
        let state = &mut *state;
        let Some(active) = state.active.as_mut() else {
            return Err(Refusal::because("there is no segment to write to"));
        };
        let sequence = state.next_sequence;
        state.next_sequence += 1;
        entry.sequence = sequence;
        entry.offset = u32::try_from(active.end).unwrap_or(u32::MAX);
        active.entries.push(entry);
        let follows = |chunk: &&mut Chunk| chunk.segment.number == active.segment.number;
        if state.queue.back_mut().filter(follows).is_none() {
            let segment = Arc::clone(&active.segment);
            let chunk = Chunk { segment, offset: active.end, bytes: Vec::new(), last_sequence: 0 };
            state.queue.push_back(chunk);
        }
        if let Some(chunk) = state.queue.back_mut() {
            frame::write(&mut chunk.bytes, encoded, crc, sequence, active.synced);
            chunk.last_sequence = sequence;
        }
        active.end += want;
        state.reserved = state.reserved.saturating_sub(claimed);
        if state.idle || state.group_end.take_if(|end| *end <= sequence).is_some() {
            state.idle = false;
            self.work.notify_one();
        }
        Ok(sequence)
    }

    /// Goes on in the next spare. The reservation that asked for it makes sure that there is one.
    fn switch(&self, state: &mut State) -> Result<(), Refusal> {
        let Some(spare) = state.spares.pop_front() else {
            return Err(Refusal::because("there is no segment to write to"));
        };
        if let Some(full) = state.active.replace(Active::new(spare)) {
            state.closing.push(full);
        }
        state.idle = false;
        self.work.notify_one();
        Ok(())
    }
}
