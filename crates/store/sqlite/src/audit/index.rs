//! Index entries: what a lookup needs of a record to decide whether to read it.
//!
//! An entry holds short hashes; a hit is confirmed on the record itself, so that a collision costs a read and
//! never a wrong answer. A finished segment's entries lie in its `.idx` file, newest first:
//!
//! ```text
//! "GRSNIDX1" · u64 count · u64 segment length · u64 greatest sequence · i64 least time · i64 greatest time ·
//! u32 crc of the entries · u32 crc of what stands before · entries of 56 bytes
//! ```

use garrison_store::{AuditAttribute, AuditQuery, AuditRecord};
use garrison_types::{AccountId, Region, Timestamp};

use super::frame::number;

const MAGIC: &[u8; 8] = b"GRSNIDX1";
/// The bytes of an index file before its entries.
pub(crate) const INDEX_HEADER: usize = 56;
const ENTRY: usize = 56;
const READ_ONLY: u32 = 1;

/// What the index knows of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) time: i64,
    pub(crate) sequence: u64,
    pub(crate) offset: u32,
    pub(crate) event_id: u32,
    scope: u32,
    name: u32,
    source: u32,
    user: u32,
    key: u32,
    flags: u32,
    resources: u64,
}

impl Entry {
    pub(crate) fn of(record: &AuditRecord, sequence: u64, offset: u32) -> Self {
        let optional = |text: &Option<String>| text.as_ref().map_or(0, |t| hash(t.as_bytes()));
        let texts = record.resources.iter().flat_map(|(kind, name)| [kind, name]);
        Self {
            time: record.time.as_millis(),
            sequence,
            offset,
            event_id: hash(&record.event_id),
            scope: scope(record.account, &record.region),
            name: hash(record.event_name.as_bytes()),
            source: hash(record.event_source.as_bytes()),
            user: optional(&record.username),
            key: optional(&record.access_key_id),
            flags: u32::from(record.read_only),
            resources: texts.fold(0, |bits, text| bits | bits_of(text)),
        }
    }

    /// What entries are ordered by: newest is greatest.
    pub(crate) fn position(&self) -> (i64, u64) {
        (self.time, self.sequence)
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.time.to_le_bytes());
        out.extend_from_slice(&self.sequence.to_le_bytes());
        out.extend_from_slice(&self.resources.to_le_bytes());
        let fields =
            [self.offset, self.event_id, self.scope, self.name, self.source, self.user, self.key, self.flags];
        fields.iter().for_each(|field| out.extend_from_slice(&field.to_le_bytes()));
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let wide = |at| number::<8>(bytes, at);
        let short = |at| number::<4>(bytes, at).and_then(|n| u32::try_from(n).ok());
        Some(Self {
            time: wide(0)?.cast_signed(),
            sequence: wide(8)?,
            resources: wide(16)?,
            offset: short(24)?,
            event_id: short(28)?,
            scope: short(32)?,
            name: short(36)?,
            source: short(40)?,
            user: short(44)?,
            key: short(48)?,
            flags: short(52)?,
        })
    }
}

/// What a finished segment holds, in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) count: u64,
    pub(crate) segment_len: u64,
    pub(crate) last_sequence: u64,
    pub(crate) min_time: i64,
    pub(crate) max_time: i64,
}

impl Summary {
    pub(crate) fn of(entries: &[Entry], segment_len: u64) -> Self {
        Self {
            count: u64::try_from(entries.len()).unwrap_or(u64::MAX),
            segment_len,
            last_sequence: entries.iter().map(|e| e.sequence).max().unwrap_or_default(),
            min_time: entries.iter().map(|e| e.time).min().unwrap_or(i64::MAX),
            max_time: entries.iter().map(|e| e.time).max().unwrap_or(i64::MIN),
        }
    }
}

/// The bytes of an index file; `entries` must be sorted, newest first.
pub(crate) fn encode(entries: &[Entry], segment_len: u64) -> Vec<u8> {
    let mut body = Vec::with_capacity(entries.len() * ENTRY);
    entries.iter().for_each(|entry| entry.write(&mut body));
    let summary = Summary::of(entries, segment_len);
    let mut out = Vec::with_capacity(INDEX_HEADER + body.len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&summary.count.to_le_bytes());
    out.extend_from_slice(&summary.segment_len.to_le_bytes());
    out.extend_from_slice(&summary.last_sequence.to_le_bytes());
    out.extend_from_slice(&summary.min_time.to_le_bytes());
    out.extend_from_slice(&summary.max_time.to_le_bytes());
    out.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
    out.extend_from_slice(&crc32fast::hash(&out).to_le_bytes());
    out.append(&mut body);
    out
}

/// The summary in an index file's first bytes.
pub(crate) fn decode_summary(bytes: &[u8]) -> Option<Summary> {
    let head = bytes.get(..INDEX_HEADER)?;
    let stored = number::<4>(head, 52)?;
    if !head.starts_with(MAGIC) || u64::from(crc32fast::hash(head.get(..52)?)) != stored {
        return None;
    }
    Some(Summary {
        count: number::<8>(head, 8)?,
        segment_len: number::<8>(head, 16)?,
        last_sequence: number::<8>(head, 24)?,
        min_time: number::<8>(head, 32)?.cast_signed(),
        max_time: number::<8>(head, 40)?.cast_signed(),
    })
}

/// The entries of a whole index file, or `None` when it is damaged.
pub(crate) fn decode(bytes: &[u8]) -> Option<Entries<'_>> {
    let summary = decode_summary(bytes)?;
    let body = bytes.get(INDEX_HEADER..)?;
    let intact = u64::from(crc32fast::hash(body)) == number::<4>(bytes, 48)?
        && u64::try_from(body.len() / ENTRY).ok()? == summary.count
        && body.len() % ENTRY == 0;
    intact.then_some(Entries(body))
}

/// An index file's entries, newest first.
pub(crate) struct Entries<'a>(&'a [u8]);

impl Entries<'_> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = Entry> {
        self.0.chunks_exact(ENTRY).filter_map(Entry::read)
    }
}

/// Which entries a query wants, as far as an entry can tell.
pub(crate) struct Filter {
    from: i64,
    to: i64,
    before: Option<(i64, u64)>,
    scope: u32,
    attribute: Option<AttributeHash>,
}

enum AttributeHash {
    EventId(u32),
    Key(u32),
    Name(u32),
    ReadOnly(u32),
    Resource(u64),
    Source(u32),
    User(u32),
}

impl Filter {
    /// `before`: only what is older than this position.
    pub(crate) fn new(query: &AuditQuery, before: Option<(i64, u64)>) -> Self {
        let attribute = query.attribute.as_ref().map(|attribute| match attribute {
            AuditAttribute::AccessKeyId(text) => AttributeHash::Key(hash(text.as_bytes())),
            AuditAttribute::EventId(id) => AttributeHash::EventId(hash(id)),
            AuditAttribute::EventName(text) => AttributeHash::Name(hash(text.as_bytes())),
            AuditAttribute::EventSource(text) => AttributeHash::Source(hash(text.as_bytes())),
            AuditAttribute::ReadOnly(yes) => AttributeHash::ReadOnly(u32::from(*yes)),
            AuditAttribute::ResourceName(text) | AuditAttribute::ResourceType(text) => {
                AttributeHash::Resource(bits_of(text))
            }
            AuditAttribute::Username(text) => AttributeHash::User(hash(text.as_bytes())),
        });
        Self {
            from: query.from.as_millis(),
            to: query.to.as_millis(),
            before,
            scope: scope(query.account, &query.region),
            attribute,
        }
    }

    /// Whether anything between these times can match.
    pub(crate) fn overlaps(&self, min_time: i64, max_time: i64) -> bool {
        min_time <= self.to && max_time >= self.from && self.before.is_none_or(|(time, _)| min_time <= time)
    }

    pub(crate) fn matches(&self, entry: &Entry) -> bool {
        entry.scope == self.scope
            && (self.from..=self.to).contains(&entry.time)
            && self.before.is_none_or(|before| entry.position() < before)
            && match self.attribute {
                None => true,
                Some(AttributeHash::EventId(h)) => entry.event_id == h,
                Some(AttributeHash::Key(h)) => entry.key == h,
                Some(AttributeHash::Name(h)) => entry.name == h,
                Some(AttributeHash::ReadOnly(h)) => entry.flags & READ_ONLY == h,
                Some(AttributeHash::Resource(bits)) => entry.resources & bits == bits,
                Some(AttributeHash::Source(h)) => entry.source == h,
                Some(AttributeHash::User(h)) => entry.user == h,
            }
    }
}

/// Whether a record is what a query wants: what an entry's hashes only suspect.
pub(crate) fn confirms(query: &AuditQuery, record: &AuditRecord) -> bool {
    let range = query.from..=query.to;
    record.account == query.account
        && record.region == query.region
        && range.contains(&record.time)
        && match &query.attribute {
            None => true,
            Some(AuditAttribute::AccessKeyId(text)) => record.access_key_id.as_ref() == Some(text),
            Some(AuditAttribute::EventId(id)) => record.event_id == *id,
            Some(AuditAttribute::EventName(text)) => record.event_name == *text,
            Some(AuditAttribute::EventSource(text)) => record.event_source == *text,
            Some(AuditAttribute::ReadOnly(yes)) => record.read_only == *yes,
            Some(AuditAttribute::ResourceName(text)) => record.resources.iter().any(|(_, name)| name == text),
            Some(AuditAttribute::ResourceType(text)) => record.resources.iter().any(|(kind, _)| kind == text),
            Some(AuditAttribute::Username(text)) => record.username.as_ref() == Some(text),
        }
}

fn scope(account: AccountId, region: &Region) -> u32 {
    hash(account.as_str().as_bytes()) ^ hash(region.as_str().as_bytes()).rotate_left(16)
}

/// Two bits of 64 for a text: an entry has the bits of all its resources' types and names.
fn bits_of(text: &str) -> u64 {
    let hash = hash(text.as_bytes());
    1 << (hash & 63) | 1 << (hash >> 8 & 63)
}

/// The hash of the index. It is part of the stored form and must never change.
pub(crate) fn hash(bytes: &[u8]) -> u32 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut state = K ^ u64::try_from(bytes.len()).unwrap_or_default();
    for chunk in bytes.chunks(8) {
        let word = chunk.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        state = (state.rotate_left(23) ^ word).wrapping_mul(K);
    }
    u32::try_from((state ^ state >> 29).wrapping_mul(K) >> 32).unwrap_or_default()
}

/// The time of retention: segments whose newest record is older go.
pub(crate) fn expired(summary: &Summary, oldest: Timestamp) -> bool {
    summary.max_time < oldest.as_millis()
}
