//! Opening: reads what an earlier process left.
//!
//! The last segment with records is finished here, its torn tail cut, and records go on in a fresh one: so no
//! byte is ever overwritten, and what a crash left behind a cut cannot be mistaken for a record later.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use garrison_store::StoreError;

use super::frame::HEADER;
use super::index::{self, INDEX_HEADER, Summary};
use super::log::{Active, State};
use super::segment::{self, Place, Sealed, Segment};
use crate::folder;

/// The state that the segments in a folder make.
pub(crate) fn read(folder: &Path, segment_bytes: u64) -> Result<State, StoreError> {
    let context = |error| folder::unavailable(&error, "cannot read the audit log");
    let mut files = segments(folder).map_err(context)?;
    let mut spares = VecDeque::new();
    let next_number = files.last().map_or(1, |(number, _)| number + 1);
    // Segments behind the last one with records are spares.
    while let Some((number, path)) = files.last() {
        if !is_empty(path).map_err(context)? {
            break;
        }
        match Segment::reuse(path, *number, segment_bytes).map_err(context)? {
            Some(spare) => spares.push_front(spare),
            None => folder::remove_if_present(path).map_err(context)?,
        }
        files.pop();
    }
    let mut sealed = Vec::with_capacity(files.len());
    let mut damage = Vec::new();
    let last = files.len().saturating_sub(1);
    for (i, (_, path)) in files.into_iter().enumerate() {
        let place = if i == last { Place::Last } else { Place::Earlier };
        let summary = finish(&path, place, &mut damage).map_err(context)?;
        sealed.push(Arc::new(Sealed { path, summary }));
    }
    let last_sequence = sealed.iter().map(|s| s.summary.last_sequence).max().unwrap_or_default();
    Ok(State {
        active: spares.pop_front().map(Active::new),
        closing: Vec::new(),
        sealed,
        spares,
        next_number,
        next_sequence: last_sequence + 1,
        reserved: 0,
        queue: VecDeque::new(),
        durable: last_sequence,
        failed: 0,
        failure: None,
        no_spare: None,
        no_spare_is_full: false,
        starved: false,
        damage,
        waiters: Vec::new(),
        passes: 0,
        idle: false,
        under_way: 0,
        group_end: None,
        stop: false,
        poke: false,
    })
}

/// The segments of a folder by number. Leftovers of index writing are removed.
fn segments(folder: &Path) -> std::io::Result<Vec<(u64, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let number = path.file_stem().and_then(|stem| stem.to_str()?.parse::<u64>().ok());
        match (path.extension().and_then(|ext| ext.to_str()), number) {
            (Some("seg"), Some(number)) => files.push((number, path)),
            (Some("new"), _) => folder::remove_if_present(&path)?,
            _ => {}
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// Whether a segment holds nothing: zeros behind its header.
fn is_empty(path: &Path) -> std::io::Result<bool> {
    let bytes = segment::read(path)?;
    let frames = usize::try_from(HEADER).ok().and_then(|header| bytes.get(header..));
    Ok(frames.is_none_or(|frames| frames.iter().all(|byte| *byte == 0)))
}

/// Finishes a segment if it is not: cuts a torn tail and writes the index.
fn finish(path: &Path, place: Place, damage: &mut Vec<String>) -> std::io::Result<Summary> {
    if let Some(summary) = indexed(path)? {
        return Ok(summary);
    }
    let scan = segment::scan(&segment::read(path)?, place);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for (from, to) in &scan.damage {
        tracing::error!(segment = name, from, to, "acknowledged audit records cannot be read");
        damage.push(format!("{name} from byte {from} to {to}"));
    }
    let mut entries = scan.entries;
    segment::sort(&mut entries);
    let summary = Summary::of(&entries, scan.len);
    // A damaged segment keeps no index, so that the damage is told at each start.
    if scan.damage.is_empty() {
        let file = File::options().write(true).open(path)?;
        if file.metadata()?.len() > scan.len {
            file.set_len(scan.len)?;
            file.sync_all()?;
        }
        if scan.torn {
            tracing::info!(segment = name, at = scan.len, "cut the torn end of the audit log");
        }
        if let Err(error) = segment::write_index(path, &entries, scan.len) {
            tracing::warn!(%error, segment = name, "cannot write an audit index");
        }
    }
    Ok(summary)
}

/// The summary in a segment's index file, when that fits the segment.
fn indexed(path: &Path) -> std::io::Result<Option<Summary>> {
    let mut head = [0; INDEX_HEADER];
    let read = File::open(path.with_extension("idx")).and_then(|mut file| file.read_exact(&mut head));
    let len = fs::metadata(path)?.len();
    Ok(match read {
        Ok(()) => index::decode_summary(&head).filter(|summary| summary.segment_len == len),
        Err(_) => None,
    })
}
