//! Events as they are stored: batches, compressed and then sealed, so that no text of a log lies on disk in clear.
//!
//! ```text
//! value   01 ‖ sealed(deflate(payload))       sealed for the batch's key in the store
//! payload length of the stream's name (2) ‖ name ‖ events: timestamp (8) ‖ length (4) ‖ message
//! ```
//! Numbers are big-endian.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use garrison_kernel::{Kernel, errors};
use garrison_schema::ApiError;
use garrison_store::Key;

const VERSION: u8 = 1;
/// A batch takes events until their messages have so many bytes together.
pub(crate) const BATCH_BYTES: usize = 256 << 10;
/// What a payload has at most: one event more than [`BATCH_BYTES`], of a megabyte, with everything around them.
const MAX_PAYLOAD: u64 = 2 << 20;

/// Where an event stands among all others of its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    /// When it happened.
    pub timestamp: i64,
    /// Its batch: the time when that came in, and 64 random bits.
    pub sequence: u128,
    /// Its place in the batch.
    pub index: u32,
}

impl Position {
    /// Before every event of this time.
    pub(crate) const fn at(timestamp: i64) -> Self {
        Self { timestamp, sequence: 0, index: 0 }
    }

    /// The next position.
    pub(crate) const fn next(self) -> Self {
        Self { index: self.index.saturating_add(1), ..self }
    }

    /// 56 digits, as AWS's `eventId` has.
    pub(crate) fn text(&self) -> String {
        format!("{:013}{:034}{:09}", self.timestamp, self.sequence, self.index)
    }

    /// Reads [`Self::text`].
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() != 56 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (timestamp, rest) = text.split_at_checked(13)?;
        let (sequence, index) = rest.split_at_checked(34)?;
        Some(Self {
            timestamp: timestamp.parse().ok()?,
            sequence: sequence.parse().ok()?,
            index: index.parse().ok()?,
        })
    }
}

/// When the batch of a sequence number came in.
pub(crate) fn ingestion(sequence: u128) -> i64 {
    i64::try_from(sequence >> 64).unwrap_or_default()
}

/// An event as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub position: Position,
    pub stream: Arc<str>,
    pub message: String,
}

/// The stored form of a batch.
///
/// # Errors
/// `InternalFailure`: compressing or sealing failed.
pub(crate) fn encode(
    kernel: &Kernel,
    key: &Key,
    stream: &str,
    events: &[(i64, &str)],
) -> Result<Vec<u8>, ApiError> {
    let mut payload = DeflateEncoder::new(Vec::new(), Compression::fast());
    let name = u16::try_from(stream.len()).map_err(errors::internal)?;
    let mut write = |bytes: &[u8]| payload.write_all(bytes).map_err(errors::internal);
    write(&name.to_be_bytes())?;
    write(stream.as_bytes())?;
    for (timestamp, message) in events {
        write(&timestamp.to_be_bytes())?;
        write(&u32::try_from(message.len()).map_err(errors::internal)?.to_be_bytes())?;
        write(message.as_bytes())?;
    }
    let payload = payload.finish().map_err(errors::internal)?;
    let mut value = vec![VERSION];
    let sealed = kernel.sealer().seal(kernel.rng(), key.as_bytes(), &payload).map_err(errors::internal)?;
    value.extend_from_slice(&sealed);
    Ok(value)
}

/// The events of a batch.
///
/// # Errors
/// `InternalFailure`: it is damaged, of a newer version, or not this key's.
pub(crate) fn decode(
    kernel: &Kernel,
    key: &Key,
    sequence: u128,
    value: &[u8],
) -> Result<Vec<Event>, ApiError> {
    let damaged = || errors::internal(format!("damaged batch of log events at {key:?}"));
    let sealed = value.strip_prefix(&[VERSION]).ok_or_else(damaged)?;
    let compressed = kernel.sealer().open(key.as_bytes(), sealed).map_err(errors::internal)?;
    let mut payload = Vec::new();
    DeflateDecoder::new(compressed.expose())
        .take(MAX_PAYLOAD)
        .read_to_end(&mut payload)
        .map_err(errors::internal)?;
    parse(&payload, sequence).ok_or_else(damaged)
}

fn parse(payload: &[u8], sequence: u128) -> Option<Vec<Event>> {
    let (length, rest) = payload.split_first_chunk::<2>()?;
    let (name, mut rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let stream: Arc<str> = std::str::from_utf8(name).ok()?.into();
    let mut events = Vec::new();
    while !rest.is_empty() {
        let (timestamp, tail) = rest.split_first_chunk::<8>()?;
        let (length, tail) = tail.split_first_chunk::<4>()?;
        let (message, tail) = tail.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        let index = u32::try_from(events.len()).ok()?;
        let position = Position { timestamp: i64::from_be_bytes(*timestamp), sequence, index };
        let message = std::str::from_utf8(message).ok()?.to_owned();
        events.push(Event { position, stream: Arc::clone(&stream), message });
        rest = tail;
    }
    Some(events)
}

#[cfg(test)]
mod tests {
    use super::*;
    use garrison_testkit::TestKernel;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_written_is_read(events in prop::collection::vec((0i64..1 << 40, ".{0,40}"), 1..20)) {
            let test = TestKernel::new();
            let key = Key::of(&["logs", "a"]);
            let given: Vec<(i64, &str)> = events.iter().map(|(time, text)| (*time, text.as_str())).collect();
            let value = encode(&test.kernel, &key, "stream", &given).unwrap();
            let found = decode(&test.kernel, &key, 7, &value).unwrap();
            let found: Vec<(i64, &str)> =
                found.iter().map(|event| (event.position.timestamp, event.message.as_str())).collect();
            prop_assert_eq!(found, given);
        }

        #[test]
        fn no_payload_panics(payload in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse(&payload, 1);
        }
    }

    #[test]
    fn a_batch_is_sealed_for_its_place() {
        let test = TestKernel::new();
        let key = Key::of(&["logs", "a"]);
        let text = "a secret message that is written more than once, a secret message";
        let value = encode(&test.kernel, &key, "stream", &[(1, text)]).unwrap();
        assert!(!value.windows(6).any(|window| window == b"secret"));
        assert!(decode(&test.kernel, &Key::of(&["logs", "b"]), 1, &value).is_err());
        assert!(decode(&test.kernel, &key, 1, &[]).is_err());
    }

    #[test]
    fn a_position_is_56_digits() {
        let position = Position { timestamp: 1_800_000_000_000, sequence: 1 << 100, index: 9_999 };
        assert_eq!(position.text().len(), 56);
        assert_eq!(Position::parse(&position.text()), Some(position));
        for bad in ["", "1", &"x".repeat(56), &"9".repeat(57)] {
            assert_eq!(Position::parse(bad), None, "{bad}");
        }
    }
}
