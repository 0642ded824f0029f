//! Reads events in the order of time.
//!
//! Batches come from the store in the order of their first events, and overlap. An event is given out when no batch that is
//! still to come can hold an older one, so that no more is in memory than the batches that overlap there.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};

use garrison_schema::ApiError;
use garrison_store::KeyRange;

use crate::batch::{self, Event, Position};
use crate::records::Group;
use crate::repo::{BatchKey, Place, Repo};

/// Which events are read.
pub(crate) struct Wanted<'a> {
    pub place: &'a Place,
    pub group: &'a Group,
    pub scope: Scope,
    /// The first position that is read.
    pub from: Position,
    /// The first position that is read no more.
    pub end: Position,
}

/// The streams that events come from.
pub(crate) enum Scope {
    /// Every stream of the group, or those with these ids.
    Group(Option<HashSet<String>>),
    /// The stream of this id.
    Stream(String),
}

/// Orders events by their positions.
struct InOrder(Event);

impl PartialEq for InOrder {
    fn eq(&self, other: &Self) -> bool {
        self.0.position == other.0.position
    }
}

impl Eq for InOrder {}

impl PartialOrd for InOrder {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for InOrder {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.position.cmp(&other.0.position)
    }
}

/// Gives out events, oldest first.
pub(crate) struct Reader<'a> {
    repo: &'a Repo,
    wanted: Wanted<'a>,
    /// What was not scanned yet.
    rest: Option<KeyRange>,
    /// Batches that were scanned and not opened.
    queue: VecDeque<BatchKey>,
    heap: BinaryHeap<Reverse<InOrder>>,
    /// Whether streams exist, by their ids: batches of deleted ones wait for the worker.
    alive: HashMap<String, bool>,
    /// How many bytes of batches were opened.
    pub opened: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(repo: &'a Repo, wanted: Wanted<'a>) -> Self {
        // The last batch may begin at the very time of the end.
        let end = wanted.end.timestamp.saturating_add(1);
        let stream = wanted.scope.stream();
        let range = repo.batches(wanted.place, &wanted.group.id, stream, wanted.from.timestamp, end);
        let (queue, heap, alive) = (VecDeque::new(), BinaryHeap::new(), HashMap::new());
        Self { repo, wanted, rest: Some(range), queue, heap, alive, opened: 0 }
    }

    /// The next event.
    ///
    /// # Errors
    /// The store failed, or a batch is damaged.
    pub(crate) async fn next(&mut self) -> Result<Option<Event>, ApiError> {
        loop {
            self.fill().await?;
            let oldest = self.heap.peek().map(|Reverse(InOrder(event))| event.position.timestamp);
            match (oldest, self.queue.front().map(|batch| batch.first)) {
                (Some(oldest), Some(first)) if oldest < first => break,
                (_, Some(_)) => self.open().await?,
                (_, None) => break,
            }
        }
        Ok(self.heap.pop().map(|Reverse(InOrder(event))| event))
    }

    /// Scans on when no batch waits.
    async fn fill(&mut self) -> Result<(), ApiError> {
        while self.queue.is_empty() {
            let Some(range) = self.rest.take() else { return Ok(()) };
            let stream = self.wanted.scope.stream();
            let (batches, rest) = self.repo.batch_page(&range, &self.wanted.group.id, stream).await?;
            self.rest = rest;
            let (from, scope) = (self.wanted.from.timestamp, &self.wanted.scope);
            self.queue
                .extend(batches.into_iter().filter(|batch| batch.last >= from && scope.has(&batch.stream)));
        }
        Ok(())
    }

    /// Opens the batch that waits longest.
    async fn open(&mut self) -> Result<(), ApiError> {
        let Some(batch) = self.queue.pop_front() else { return Ok(()) };
        let key = batch.events(self.wanted.place);
        // One that the worker deleted meanwhile has no events.
        let Some(value) = self.repo.batch(&key).await? else { return Ok(()) };
        let events = batch::decode(self.repo.kernel(), &key, batch.sequence, &value)?;
        if let Some(event) = events.first()
            && !self.is_alive(&batch.stream, &event.stream).await?
        {
            return Ok(());
        }
        let wanted = self.wanted.from..self.wanted.end;
        for event in events {
            self.opened += event.message.len();
            if wanted.contains(&event.position) {
                self.heap.push(Reverse(InOrder(event)));
            }
        }
        Ok(())
    }

    async fn is_alive(&mut self, id: &str, name: &str) -> Result<bool, ApiError> {
        if let Some(alive) = self.alive.get(id) {
            return Ok(*alive);
        }
        let found = self.repo.stream(self.wanted.place, self.wanted.group, name).await?;
        let alive = found.is_some_and(|found| found.record.id == id);
        self.alive.insert(id.to_owned(), alive);
        Ok(alive)
    }
}

impl Scope {
    fn stream(&self) -> Option<&str> {
        match self {
            Self::Group(_) => None,
            Self::Stream(id) => Some(id),
        }
    }

    fn has(&self, stream: &str) -> bool {
        match self {
            Self::Group(Some(ids)) => ids.contains(stream),
            Self::Group(None) | Self::Stream(_) => true,
        }
    }
}
