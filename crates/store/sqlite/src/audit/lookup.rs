//! Finding records, newest first.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use garrison_store::{AuditPage, AuditQuery, AuditRecord, StoreError};

use super::index::{self, Entry, Filter};
use super::log::Shared;
use super::segment::{self, Sealed};
use crate::folder;

/// No page is longer.
const MAX_PAGE: usize = 1000;

/// What is searched: a finished segment, or the matching entries of one that is not.
enum Source {
    Memory(PathBuf, Vec<Entry>),
    Sealed(Arc<Sealed>),
}

impl Source {
    fn max_time(&self) -> i64 {
        match self {
            Self::Memory(_, entries) => entries.first().map_or(i64::MIN, |entry| entry.time),
            Self::Sealed(sealed) => sealed.summary.max_time,
        }
    }
}

/// A page of records. Everything that is to be found must be durable: the caller flushes first.
pub(crate) fn page(shared: &Shared, query: &AuditQuery) -> Result<AuditPage, StoreError> {
    let before = match &query.after {
        Some(cursor) => Some(decode_cursor(cursor).ok_or_else(|| {
            StoreError::Unavailable("the position to go on from is not one of this log's".to_owned())
        })?),
        None => None,
    };
    let filter = Filter::new(query, before);
    let limit = query.limit.clamp(1, MAX_PAGE);
    let mut best = Best { limit: limit + 1, found: Vec::new() };
    for source in sources(shared, &filter) {
        if best.is_full() && best.oldest().is_some_and(|(time, _)| source.max_time() < time) {
            break;
        }
        match search(&source, query, &filter, &mut best) {
            Ok(damage) => {
                if let Some(damage) = damage {
                    shared.state.lock().damage.push(damage);
                }
            }
            // Pruned while it was searched: its records are gone.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(folder::unavailable(&error, "cannot read the audit log")),
        }
    }
    let more = best.found.len() > limit;
    best.found.truncate(limit);
    let next = best.found.last().filter(|_| more).map(|(position, _)| encode_cursor(*position));
    Ok(AuditPage { records: best.found.into_iter().map(|(_, record)| record).collect(), next })
}

/// Which of these event ids the log holds.
pub(crate) fn contains(shared: &Shared, ids: &HashSet<[u8; 16]>) -> io::Result<HashSet<[u8; 16]>> {
    let hashes: HashSet<u32> = ids.iter().map(|id| index::hash(id)).collect();
    let sealed = shared.state.lock().sealed.clone();
    let mut found = HashSet::new();
    for sealed in sealed.iter().rev() {
        let file = File::open(&sealed.path)?;
        sealed.visit(|entry| {
            if hashes.contains(&entry.event_id)
                && let Some(record) = segment::read_record(&file, entry.offset)?
                && ids.contains(&record.event_id)
            {
                found.insert(record.event_id);
            }
            Ok(found.len() < ids.len())
        })?;
        if found.len() == ids.len() {
            break;
        }
    }
    Ok(found)
}

/// What may hold matches, newest first.
fn sources(shared: &Shared, filter: &Filter) -> Vec<Source> {
    let state = shared.state.lock();
    let mut sources: Vec<_> = state
        .sealed
        .iter()
        .filter(|sealed| filter.overlaps(sealed.summary.min_time, sealed.summary.max_time))
        .map(|sealed| Source::Sealed(Arc::clone(sealed)))
        .collect();
    for active in state.closing.iter().chain(&state.active) {
        let matching = active.entries.iter().filter(|entry| filter.matches(entry)).copied().collect();
        sources.push(Source::Memory(active.segment.path.clone(), matching));
    }
    drop(state);
    for source in &mut sources {
        if let Source::Memory(_, entries) = source {
            segment::sort(entries);
        }
    }
    sources.sort_by_key(|source| Reverse(source.max_time()));
    sources
}

/// Puts a source's matches into `best`; tells of a record that cannot be read.
fn search(
    source: &Source,
    query: &AuditQuery,
    filter: &Filter,
    best: &mut Best,
) -> io::Result<Option<String>> {
    let mut damage = None;
    let path = match source {
        Source::Memory(path, _) => path,
        Source::Sealed(sealed) => &sealed.path,
    };
    let file = File::open(path)?;
    let mut each = |entry: &Entry| {
        if !filter.matches(entry) {
            return Ok(true);
        }
        if best.is_full() && best.oldest().is_some_and(|oldest| entry.position() < oldest) {
            return Ok(false);
        }
        match segment::read_record(&file, entry.offset)? {
            Some(record) if index::confirms(query, &record) => best.add(entry.position(), record),
            Some(_) => {}
            None => {
                tracing::error!(path = %path.display(), offset = entry.offset, "an audit record cannot be read");
                damage = Some(format!("{} at byte {}", path.display(), entry.offset));
            }
        }
        Ok(true)
    };
    match source {
        Source::Memory(_, entries) => {
            for entry in entries {
                if !each(entry)? {
                    break;
                }
            }
        }
        Source::Sealed(sealed) => sealed.visit(each)?,
    }
    Ok(damage)
}

/// The newest matches so far, newest first.
struct Best {
    limit: usize,
    found: Vec<((i64, u64), AuditRecord)>,
}

impl Best {
    fn is_full(&self) -> bool {
        self.found.len() >= self.limit
    }

    fn oldest(&self) -> Option<(i64, u64)> {
        self.found.last().map(|(position, _)| *position)
    }

    fn add(&mut self, position: (i64, u64), record: AuditRecord) {
        let at = self.found.partition_point(|(other, _)| *other > position);
        self.found.insert(at, (position, record));
        self.found.truncate(self.limit);
    }
}

fn encode_cursor((time, sequence): (i64, u64)) -> Bytes {
    time.to_be_bytes().into_iter().chain(sequence.to_be_bytes()).collect()
}

fn decode_cursor(bytes: &[u8]) -> Option<(i64, u64)> {
    let (time, sequence) = bytes.split_first_chunk::<8>()?;
    Some((i64::from_be_bytes(*time), u64::from_be_bytes(sequence.try_into().ok()?)))
}
