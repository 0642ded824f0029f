//! Frames: how records lie in a segment.
//!
//! A segment starts with a header of [`HEADER`] bytes. Frames follow, each at a multiple of 8:
//!
//! ```text
//! u32 body length (never 0) · u32 crc · u64 sequence · u64 synced · body · zeros up to a multiple of 8
//! ```
//! `synced` is the offset up to which the segment was durable when the frame was written. A torn write can only
//! damage what lies behind it, so a frame that names a later offset proves that a damaged one before it was
//! acknowledged: corruption, and not the tail of a crash. Zeros where a frame would start are the end.

/// Bytes before the first frame.
pub(crate) const HEADER: u64 = 32;
/// Bytes before a frame's body.
pub(crate) const FRAME: usize = 24;
/// No body is longer: a bound on what reading damaged bytes costs.
pub(crate) const MAX_BODY: u64 = 1 << 20;
const MAGIC: &[u8; 8] = b"GRSNSEG1";

/// A segment's header.
pub(crate) fn header(number: u64) -> [u8; 32] {
    let mut out = [0; 32];
    let parts = MAGIC.iter().copied().chain(number.to_le_bytes());
    out.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
    let crc = crc32fast::hash(out.get(..16).unwrap_or_default()).to_le_bytes();
    out.iter_mut().skip(16).zip(crc).for_each(|(to, from)| *to = from);
    out
}

/// How many bytes a body takes in a segment.
pub(crate) fn framed_len(body: usize) -> u64 {
    let len = FRAME.saturating_add(body).checked_next_multiple_of(8).unwrap_or(usize::MAX);
    u64::try_from(len).unwrap_or(u64::MAX)
}

/// The part of a frame's checksum that needs no lock: over the body.
pub(crate) fn body_crc(body: &[u8]) -> u32 {
    crc32fast::hash(body)
}

fn crc(body_crc: u32, len: u32, sequence: u64, synced: u64) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(body_crc);
    let mut fields = [0; 20];
    let parts = len.to_le_bytes().into_iter().chain(sequence.to_le_bytes()).chain(synced.to_le_bytes());
    fields.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
    hasher.update(&fields);
    hasher.finalize()
}

/// Appends a frame to `out`.
pub(crate) fn write(out: &mut Vec<u8>, body: &[u8], body_crc: u32, sequence: u64, synced: u64) {
    let len = u32::try_from(body.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&crc(body_crc, len, sequence, synced).to_le_bytes());
    out.extend_from_slice(&sequence.to_le_bytes());
    out.extend_from_slice(&synced.to_le_bytes());
    out.extend_from_slice(body);
    let padding = (8 - (FRAME + body.len()) % 8) % 8;
    out.extend_from_slice([0; 8].get(..padding).unwrap_or_default());
}

/// A frame as it was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) sequence: u64,
    pub(crate) synced: u64,
    pub(crate) body: &'a [u8],
}

impl Frame<'_> {
    /// Bytes from this frame's start to the next one's.
    pub(crate) fn len(&self) -> u64 {
        framed_len(self.body.len())
    }
}

/// What stands where a frame would start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum At<'a> {
    Frame(Frame<'a>),
    /// A length of zero, or no room for a frame.
    End,
    /// Bytes that are no frame.
    Damage,
}

/// Reads what starts at the beginning of `bytes`, the rest of a segment.
pub(crate) fn read(bytes: &[u8]) -> At<'_> {
    let (Some(len), Some(stored), Some(sequence), Some(synced)) =
        (number::<4>(bytes, 0), number::<4>(bytes, 4), number::<8>(bytes, 8), number::<8>(bytes, 16))
    else {
        return At::End;
    };
    if len == 0 {
        return At::End;
    }
    let (Ok(body_len), Ok(len), Ok(stored)) =
        (usize::try_from(len), u32::try_from(len), u32::try_from(stored))
    else {
        return At::Damage;
    };
    if u64::from(len) > MAX_BODY {
        return At::Damage;
    }
    match bytes.get(FRAME..FRAME.saturating_add(body_len)) {
        Some(body) if crc(body_crc(body), len, sequence, synced) == stored => {
            At::Frame(Frame { sequence, synced, body })
        }
        _ => At::Damage,
    }
}

/// The little-endian number of `N` bytes at an offset.
pub(crate) fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(N)?)?;
    Some(bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_reads_back_and_a_flipped_bit_does_not() {
        for body in [b"x".as_slice(), b"12345678", &[9; 1000]] {
            let mut bytes = Vec::new();
            write(&mut bytes, body, body_crc(body), 42, 32);
            assert_eq!(bytes.len() as u64, framed_len(body.len()));
            assert_eq!(read(&bytes), At::Frame(Frame { sequence: 42, synced: 32, body }));
            for bit in 0..(FRAME + body.len()) * 8 {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                assert!(!matches!(read(&flipped), At::Frame(_)), "bit {bit}");
            }
        }
        assert_eq!(read(&[0; 64]), At::End);
        assert_eq!(read(&[1; 10]), At::End);
    }
}
