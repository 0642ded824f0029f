//! Segment files: made with their room set aside, read back whole when a folder is opened.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use garrison_store::AuditRecord;
use rustix::fs::{FallocateFlags, SeekFrom};

use super::body;
use super::frame::{self, At, FRAME, HEADER};
use super::index::{self, Entry, Summary};
use crate::folder;
use crate::options::SyncKind;
use crate::sync::Syncer;

/// A segment that takes records, or will.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) number: u64,
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    file: File,
    /// Up to where zeros were written ahead of the records. Only the worker moves it.
    zeroed: AtomicU64,
}

/// How far zeros are written ahead at a time, at the least as far as the records reach: some two hundred records.
const AHEAD: u64 = 256 << 10;

impl Segment {
    fn new(number: u64, path: PathBuf, size: u64, file: File) -> Self {
        Self { number, path, size, file, zeroed: AtomicU64::new(0) }
    }

    /// Makes a segment, its name durably, with all its room allocated: nothing that is written into it later can meet a
    /// full disk.
    pub(crate) fn create(folder: &Path, number: u64, size: u64, sync: Syncer) -> io::Result<Self> {
        let path = folder.join(format!("{number:08}.seg"));
        let made = Self::allocate(&path, number, size).and_then(|file| {
            sync.sync_folder(folder)?;
            Ok(file)
        });
        match made {
            Ok(file) => Ok(Self::new(number, path, size, file)),
            Err(error) => {
                // What is left of it would take room; an absent file is what is wanted here.
                let _ = fs::remove_file(&path);
                Err(error)
            }
        }
    }

    fn allocate(path: &Path, number: u64, size: u64) -> io::Result<File> {
        let file = folder::private().truncate(true).open(path)?;
        match rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, size) {
            Ok(()) => {}
            Err(rustix::io::Errno::OPNOTSUPP) => fill(&file, 0, size)?,
            Err(error) => return Err(error.into()),
        }
        // Size and header become durable with the first group of records.
        file.write_all_at(&frame::header(number), 0)?;
        Ok(file)
    }

    /// Opens an empty segment that an earlier process set aside, or `None` when it is not whole.
    pub(crate) fn reuse(path: &Path, number: u64, size: u64) -> io::Result<Option<Self>> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let mut start = [0; 32];
        let whole = file.metadata()?.len() == size && {
            file.read_exact_at(&mut start, 0)?;
            start == frame::header(number)
        };
        Ok(whole.then(|| Self::new(number, path.to_owned(), size, file)))
    }

    /// Writes at an offset.
    pub(crate) fn write(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    /// Writes zeros ahead of `end`, where the next record goes, when few are left there. Room that is set aside but was
    /// never written costs each sync a write of the file's metadata beside that of the records; room that holds zeros does
    /// not. The zeros become durable with a later group of records; nothing relies on them.
    pub(crate) fn write_ahead(&self, end: u64) -> io::Result<()> {
        let zeroed = self.zeroed.load(Ordering::Relaxed);
        if zeroed >= self.size || zeroed > end.saturating_add(AHEAD / 4) {
            return Ok(());
        }
        let from = zeroed.max(end);
        let to = from.saturating_add(AHEAD).min(self.size);
        fill(&self.file, from, to)?;
        self.zeroed.store(to, Ordering::Relaxed);
        Ok(())
    }

    /// Makes what was written durable.
    pub(crate) fn sync(&self, sync: Syncer) -> io::Result<()> {
        sync.sync_file(SyncKind::AuditAppend, &self.file)
    }

    /// Gives the room behind `len` back.
    pub(crate) fn truncate(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }
}

/// Writes zeros from `at` up to `end`.
fn fill(file: &File, mut at: u64, end: u64) -> io::Result<()> {
    let zeros = vec![0; 1 << 16];
    while at < end {
        let n = zeros.len().min(usize::try_from(end - at).unwrap_or(usize::MAX));
        file.write_all_at(zeros.get(..n).unwrap_or_default(), at)?;
        at += 1 << 16;
    }
    Ok(())
}

/// A segment that is finished.
#[derive(Debug)]
pub(crate) struct Sealed {
    pub(crate) path: PathBuf,
    pub(crate) summary: Summary,
}

impl Sealed {
    pub(crate) fn index_path(&self) -> PathBuf {
        self.path.with_extension("idx")
    }

    /// The entries, newest first: from the index file, or from the segment when that is missing or damaged.
    pub(crate) fn entries(&self) -> io::Result<Vec<Entry>> {
        let stored = fs::read(self.index_path()).unwrap_or_default();
        if let Some(entries) = index::decode(&stored) {
            return Ok(entries.iter().collect());
        }
        let mut entries = scan(&read(&self.path)?, Place::Earlier).entries;
        sort(&mut entries);
        Ok(entries)
    }

    /// Runs over the entries, newest first, without holding all of them decoded, until `each` says stop.
    pub(crate) fn visit(&self, mut each: impl FnMut(&Entry) -> io::Result<bool>) -> io::Result<()> {
        let stored = fs::read(self.index_path()).unwrap_or_default();
        if let Some(entries) = index::decode(&stored) {
            for entry in entries.iter() {
                if !each(&entry)? {
                    break;
                }
            }
            return Ok(());
        }
        for entry in self.entries()? {
            if !each(&entry)? {
                break;
            }
        }
        Ok(())
    }
}

/// Reads a segment as far as anything was ever written to it: room that is only set aside takes no time.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut end = 0;
    // Where the file system does not tell data from holes, all is data.
    while let Ok(data) = rustix::fs::seek(&file, SeekFrom::Data(end)) {
        end = rustix::fs::seek(&file, SeekFrom::Hole(data))?;
    }
    file.rewind()?;
    let mut bytes = Vec::with_capacity(usize::try_from(end).unwrap_or_default());
    file.take(end).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Sorts entries as an index holds them: newest first.
pub(crate) fn sort(entries: &mut [Entry]) {
    entries.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.position()));
}

/// Writes the index file of a finished segment. It needs no sync: a damaged one is made anew.
pub(crate) fn write_index(segment: &Path, entries: &[Entry], segment_len: u64) -> io::Result<()> {
    let new = segment.with_extension("idx.new");
    folder::private().truncate(true).open(&new)?.write_all(&index::encode(entries, segment_len))?;
    fs::rename(&new, segment.with_extension("idx"))
}

/// Reads the record at an offset; `None` when there is no whole one.
pub(crate) fn read_record(file: &File, offset: u32) -> io::Result<Option<AuditRecord>> {
    let mut bytes = vec![0; FRAME];
    file.read_exact_at(&mut bytes, u64::from(offset))?;
    let len = frame::number::<4>(&bytes, 0).unwrap_or_default();
    let (Ok(body), file_len) = (usize::try_from(len), file.metadata()?.len()) else { return Ok(None) };
    if u64::from(offset).saturating_add(frame::framed_len(0)).saturating_add(len) > file_len {
        return Ok(None);
    }
    bytes.resize(FRAME + body, 0);
    file.read_exact_at(bytes.get_mut(FRAME..).unwrap_or_default(), u64::from(offset) + frame::framed_len(0))?;
    match frame::read(&bytes) {
        At::Frame(frame) => Ok(body::decode(frame.body)),
        At::End | At::Damage => Ok(None),
    }
}

/// Where a segment stands among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Later segments hold records: all of this one was synced.
    Earlier,
    /// The last one with records: a crash may have torn its tail.
    Last,
}

/// What a segment holds.
#[derive(Debug)]
pub(crate) struct Scan {
    /// In the order in which they were appended.
    pub(crate) entries: Vec<Entry>,
    /// Where the whole frames end.
    pub(crate) len: u64,
    /// Something lies behind them that a crash left: it was never acknowledged.
    pub(crate) torn: bool,
    /// Acknowledged bytes that can no longer be read, as offsets.
    pub(crate) damage: Vec<(u64, u64)>,
}

/// Reads a whole segment.
pub(crate) fn scan(bytes: &[u8], place: Place) -> Scan {
    let mut result = Scan { entries: Vec::new(), len: HEADER, torn: false, damage: Vec::new() };
    let end = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    while let Some(rest) = usize::try_from(result.len).ok().and_then(|at| bytes.get(at..)) {
        let at = result.len;
        match frame::read(rest) {
            At::Frame(frame) => {
                let offset = u32::try_from(at).unwrap_or(u32::MAX);
                match body::decode(frame.body) {
                    Some(record) => result.entries.push(Entry::of(&record, frame.sequence, offset)),
                    None => result.damage.push((at, at + frame.len())),
                }
                result.len += frame.len();
                continue;
            }
            At::End if rest.iter().all(|byte| *byte == 0) => break,
            At::End | At::Damage => {}
        }
        match next_frame(rest, at, place) {
            Some(next) => {
                result.damage.push((at, next));
                result.len = next;
            }
            None if place == Place::Last => {
                result.torn = true;
                break;
            }
            None => {
                result.damage.push((at, end));
                break;
            }
        }
    }
    result
}

/// The next whole frame behind damage at `at` that proves the damage was durable once.
fn next_frame(rest: &[u8], at: u64, place: Place) -> Option<u64> {
    let mut skip = 8;
    while let Some(here) = rest.get(skip..).filter(|here| here.len() >= FRAME) {
        match frame::read(here) {
            At::Frame(frame) if place == Place::Earlier || frame.synced > at => {
                return Some(at + u64::try_from(skip).ok()?);
            }
            _ => skip += 8,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use garrison_types::Timestamp;
    use proptest::prelude::*;

    fn record(n: u8) -> AuditRecord {
        AuditRecord {
            event_id: [n; 16],
            time: Timestamp::from_millis(i64::from(n)),
            account: "123456789012".parse().unwrap(),
            region: "eu-central-1".parse().unwrap(),
            event_name: "Encrypt".into(),
            event_source: "kms.amazonaws.com".into(),
            username: None,
            access_key_id: None,
            read_only: false,
            resources: Vec::new(),
            json: Bytes::from(vec![n; 100]),
        }
    }

    /// Five frames, the first three synced one by one, the last two in one group.
    fn segment() -> (Vec<u8>, Vec<u64>) {
        let mut bytes = frame::header(1).to_vec();
        let mut starts = Vec::new();
        for n in 0..5u8 {
            let synced = if n < 4 { bytes.len() as u64 } else { starts[3] };
            starts.push(bytes.len() as u64);
            let body = body::encode(&record(n));
            frame::write(&mut bytes, &body, frame::body_crc(&body), u64::from(n) + 1, synced);
        }
        starts.push(bytes.len() as u64);
        bytes.resize(bytes.len() + 4096, 0);
        (bytes, starts)
    }

    #[test]
    fn a_whole_segment_reads_back() {
        let (bytes, starts) = segment();
        for place in [Place::Earlier, Place::Last] {
            let scan = scan(&bytes, place);
            assert_eq!((scan.entries.len(), scan.len, scan.torn), (5, starts[5], false));
            assert!(scan.damage.is_empty());
        }
    }

    #[test]
    fn a_torn_tail_is_cut_wherever_it_tears() {
        let (bytes, starts) = segment();
        for cut in starts[3] as usize..starts[5] as usize {
            let mut torn = bytes.clone();
            torn[cut..].fill(0);
            let whole = if (cut as u64) < starts[4] { 3 } else { 4 };
            let scan = scan(&torn, Place::Last);
            // Cutting only padding leaves a whole frame.
            assert!(scan.entries.len() >= whole, "cut at {cut}");
            assert!(scan.damage.is_empty(), "cut at {cut}: {:?}", scan.damage);
        }
        // The first half of the group lost, the second half there: the whole group goes.
        let mut torn = bytes.clone();
        torn[starts[3] as usize..starts[4] as usize].fill(0);
        let scan = scan(&torn, Place::Last);
        assert_eq!((scan.entries.len(), scan.len, scan.torn), (3, starts[3], true));
    }

    proptest! {
        #[test]
        fn any_bytes_are_scanned_without_panic(
            mut junk in proptest::collection::vec(any::<u8>(), 0..400),
            at in 0usize..1200,
            flip: u8,
        ) {
            let (mut bytes, _) = segment();
            let at = at % bytes.len();
            bytes[at] ^= flip;
            bytes.truncate(bytes.len() - at / 2);
            bytes.append(&mut junk);
            for place in [Place::Earlier, Place::Last] {
                prop_assert!(scan(&bytes, place).entries.len() <= 5);
            }
            prop_assert!(index::decode(&bytes).is_none());
        }
    }

    #[test]
    fn damage_to_what_was_synced_is_told_and_what_follows_is_kept() {
        let (bytes, starts) = segment();
        for hit in [0, 1, 2] {
            let mut bad = bytes.clone();
            bad[starts[hit] as usize + 40] ^= 1;
            let scan = scan(&bad, Place::Last);
            assert_eq!(scan.damage, [(starts[hit], starts[hit + 1])]);
            assert_eq!((scan.entries.len(), scan.torn), (4, false));
        }
        let mut bad = bytes;
        bad[starts[4] as usize + 40] ^= 1;
        let scan = scan(&bad, Place::Earlier);
        assert_eq!((scan.entries.len(), scan.damage.len()), (4, 1));
    }
}
