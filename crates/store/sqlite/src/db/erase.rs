//! Erasing: no file of the store holds a deleted secret any more.
//!
//! SQLite's `secure_delete` overwrites deleted content, but when it rearranges a page, copies of cells that
//! moved away may stay in the page's unused middle (no trial has met one; nothing rules it out). So after the
//! log is checkpointed and cut, the database file is searched for pieces of the deleted values, and rewritten
//! when one is found.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use garrison_store::StoreError;
use rusqlite::Connection;

use super::error::store_error;
use super::schema::BUSY;
use crate::folder;

/// The length of the pieces that are searched for. A remnant of twice this length is always found.
const PIECE: usize = 16;
/// How long a checkpoint waits for readers that are in its way. All are short but a backup.
const PATIENCE: Duration = Duration::from_millis(200);

/// What an erasing commit removed.
#[derive(Debug, Default)]
pub(crate) struct Erased {
    /// The values that shall be nowhere any more.
    pub(crate) gone: Vec<Vec<u8>>,
    /// What was written in their place: pieces that both have are no remnants.
    pub(crate) kept: Vec<Bytes>,
}

/// Empties the log and rewrites the file if it still holds what was erased, or in any case when that is unknown.
/// False when a reader is in the way.
pub(crate) fn erase(
    connection: &Connection,
    path: &Path,
    erased: Option<&Erased>,
) -> Result<bool, StoreError> {
    if !checkpoint(connection)? {
        return Ok(false);
    }
    let remains = match erased {
        Some(erased) => {
            contains(path, erased).map_err(|e| folder::unavailable(&e, "cannot search the store"))?
        }
        None => true,
    };
    if remains {
        connection.execute_batch("VACUUM").map_err(store_error)?;
        if !checkpoint(connection)? {
            return Ok(false);
        }
    }
    connection.execute("UPDATE meta SET value = 0 WHERE name = 'erase_due'", []).map_err(store_error)?;
    Ok(true)
}

/// Whether an earlier process committed an erasure and ended before it was done.
pub(crate) fn is_due(connection: &Connection) -> Result<bool, StoreError> {
    connection
        .query_row("SELECT value <> 0 FROM meta WHERE name = 'erase_due'", [], |row| row.get(0))
        .map_err(store_error)
}

/// Moves the log into the database and cuts it to nothing; false when a reader is in the way.
fn checkpoint(connection: &Connection) -> Result<bool, StoreError> {
    let run = || {
        connection.busy_timeout(PATIENCE)?;
        let busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        connection.busy_timeout(BUSY)?;
        Ok(!busy)
    };
    run().map_err(store_error)
}

/// Whether a file holds a piece of an erased value.
fn contains(path: &Path, erased: &Erased) -> io::Result<bool> {
    let kept: HashSet<&[u8]> = erased.kept.iter().flat_map(|value| value.windows(PIECE)).collect();
    // Padding alone proves nothing.
    let varied = |piece: &&[u8]| piece.iter().any(|byte| Some(byte) != piece.first());
    let gone = || erased.gone.iter().map(Vec::as_slice);
    let pieces: HashSet<&[u8]> = gone()
        .flat_map(|value| value.chunks_exact(PIECE))
        .filter(varied)
        .filter(|piece| !kept.contains(piece))
        .collect();
    let short: Vec<&[u8]> = gone().filter(|value| (4..PIECE).contains(&value.len())).filter(varied).collect();
    if pieces.is_empty() && short.is_empty() {
        return Ok(false);
    }
    // The filter spares most positions the set: one bit for each pair of first bytes.
    let mut starts = vec![false; 1 << 16];
    for piece in pieces.iter().chain(&short) {
        if let Some(start) = starts.get_mut(pair(piece)) {
            *start = true;
        }
    }
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    let mut kept = 0;
    loop {
        let read = file.read(buffer.get_mut(kept..).unwrap_or_default())?;
        if read == 0 {
            return Ok(false);
        }
        let filled = buffer.get(..kept + read).unwrap_or_default();
        for at in 0..filled.len() {
            let here = filled.get(at..).unwrap_or_default();
            if starts.get(pair(here)).is_some_and(|start| *start)
                && (here.get(..PIECE).is_some_and(|piece| pieces.contains(piece))
                    || short.iter().any(|value| here.starts_with(value)))
            {
                return Ok(true);
            }
        }
        let end = filled.len();
        kept = end.min(PIECE - 1);
        buffer.copy_within(end - kept..end, 0);
    }
}

fn pair(bytes: &[u8]) -> usize {
    let byte = |i: usize| usize::from(bytes.get(i).copied().unwrap_or_default());
    byte(0) << 8 | byte(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_remnant_is_found_across_buffer_borders() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let value: Vec<u8> = (0..64).collect();
        let mut bytes = vec![0xAB; (1 << 20) - 20];
        bytes.extend_from_slice(&value[5..40]);
        bytes.extend_from_slice(&[0xAB; 100]);
        file.write_all(&bytes).unwrap();
        let erased = |gone: &[Vec<u8>], kept: &[u8]| Erased {
            gone: gone.to_vec(),
            kept: vec![Bytes::copy_from_slice(kept)],
        };
        assert!(contains(file.path(), &erased(std::slice::from_ref(&value), b"")).unwrap());
        assert!(!contains(file.path(), &erased(std::slice::from_ref(&value), &value)).unwrap());
        let others = [vec![1; 64], b"another value, another".to_vec()];
        assert!(!contains(file.path(), &erased(&others, b"")).unwrap());
    }
}
