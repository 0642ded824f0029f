//! Just enough CBOR (RFC 8949) to read an attestation document: one item at a time, borrowed from the input, nothing
//! recursive. Numbers and lengths must have their shortest form; strings in pieces, negative numbers, floating point and
//! simple values other than null are refused: nothing of that occurs in a document.

use crate::AttestationError;

/// An item, or the head of an array, a map or a tagged item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item<'a> {
    Unsigned(u64),
    Bytes(&'a [u8]),
    Text(&'a str),
    Array(Remaining),
    Map(Remaining),
    Tag(u64),
    Null,
}

/// How many entries of an array or a map are still to come: none means that a mark ends them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Remaining(Option<u64>);

/// The mark at the end of an array or a map of unknown length.
const BREAK: u8 = 0xFF;
const INDEFINITE: u8 = 31;

/// Reads items one after another.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(input: &'a [u8]) -> Self {
        Self(input)
    }

    /// The next item.
    pub(crate) fn item(&mut self) -> Result<Item<'a>, AttestationError> {
        self.next().ok_or(AttestationError::Malformed("not well-formed CBOR"))
    }

    /// Whether another entry follows. To be asked before each entry.
    pub(crate) fn more(&mut self, remaining: &mut Remaining) -> bool {
        match &mut remaining.0 {
            Some(count) => match count.checked_sub(1) {
                Some(less) => {
                    *count = less;
                    true
                }
                None => false,
            },
            None => match self.0.split_first() {
                Some((&BREAK, rest)) => {
                    self.0 = rest;
                    false
                }
                _ => true,
            },
        }
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), AttestationError> {
        if self.0.is_empty() { Ok(()) } else { Err(AttestationError::Malformed("bytes after its end")) }
    }

    fn next(&mut self) -> Option<Item<'a>> {
        let initial = self.byte()?;
        let (major, info) = (initial >> 5, initial & 0x1F);
        if info == INDEFINITE {
            return match major {
                4 => Some(Item::Array(Remaining(None))),
                5 => Some(Item::Map(Remaining(None))),
                _ => None,
            };
        }
        if major == 7 {
            return (info == 22).then_some(Item::Null);
        }
        let argument = self.argument(info)?;
        Some(match major {
            0 => Item::Unsigned(argument),
            2 => Item::Bytes(self.take(argument)?),
            3 => Item::Text(std::str::from_utf8(self.take(argument)?).ok()?),
            4 => Item::Array(Remaining(Some(argument))),
            5 => Item::Map(Remaining(Some(argument))),
            6 => Item::Tag(argument),
            _ => return None,
        })
    }

    /// The number that follows the initial byte, in its shortest form.
    fn argument(&mut self, info: u8) -> Option<u64> {
        let (size, least) = match info {
            0..=23 => return Some(info.into()),
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            _ => return None,
        };
        let value = self.take(size)?.iter().fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
        (value >= least).then_some(value)
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, len: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(len).ok()?)?;
        self.0 = rest;
        Some(taken)
    }
}

/// Appends the head of a byte string of `len` bytes.
pub(crate) fn push_bytes_head(out: &mut Vec<u8>, len: usize) {
    match len {
        0..=23 => out.push(0x40 | len as u8),
        24..=0xFF => out.extend([0x58, len as u8]),
        0x100..=0xFFFF => {
            out.push(0x59);
            out.extend((len as u16).to_be_bytes());
        }
        _ => {
            out.push(0x5B);
            out.extend((len as u64).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(bytes: &[u8]) -> Option<Item<'_>> {
        let mut reader = Reader::new(bytes);
        let item = reader.item().ok()?;
        reader.end().ok().map(|()| item)
    }

    #[test]
    fn reads_items() {
        for (bytes, item) in [
            (&[0x17][..], Item::Unsigned(23)),
            (&[0x18, 24], Item::Unsigned(24)),
            (&[0x1B, 0, 0, 1, 0, 0, 0, 0, 0], Item::Unsigned(1 << 40)),
            (&[0x42, 1, 2], Item::Bytes(&[1, 2])),
            (&[0x62, 0xC3, 0xA4], Item::Text("ä")),
            (&[0x84], Item::Array(Remaining(Some(4)))),
            (&[0x9F], Item::Array(Remaining(None))),
            (&[0xA0], Item::Map(Remaining(Some(0)))),
            (&[0xBF], Item::Map(Remaining(None))),
            (&[0xD2], Item::Tag(18)),
            (&[0xF6], Item::Null),
        ] {
            assert_eq!(one(bytes), Some(item), "{bytes:02x?}");
        }
    }

    #[test]
    fn refuses_what_no_document_has() {
        for bytes in [
            &[][..],
            &[0x18, 23],                     // not the shortest form
            &[0x19, 0, 0xFF],                // the same
            &[0x1B, 0, 0, 0, 0, 0, 0, 0, 1], // the same
            &[0x1C],                         // reserved
            &[0x20],                         // negative
            &[0x43, 1, 2],                   // cut
            &[0x5B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            &[0x5F, 0x41, 1, 0xFF], // in pieces
            &[0x61, 0xFF],          // not UTF-8
            &[0x7F, 0xFF],          // in pieces
            &[0xDF],
            &[0xF5],       // true
            &[0xF7],       // undefined
            &[0xF9, 0, 0], // floating point
            &[0xFF],       // a mark that ends nothing
            &[0, 0],       // two items
        ] {
            assert_eq!(one(bytes), None, "{bytes:02x?}");
        }
    }

    #[test]
    fn counts_entries_or_finds_their_end() {
        for bytes in [&[0x82, 1, 2, 0xF6][..], &[0x9F, 1, 2, 0xFF, 0xF6]] {
            let mut reader = Reader::new(bytes);
            let Ok(Item::Array(mut remaining)) = reader.item() else { panic!() };
            let mut sum = 0;
            while reader.more(&mut remaining) {
                let Ok(Item::Unsigned(value)) = reader.item() else { panic!() };
                sum += value;
            }
            assert_eq!((sum, reader.item()), (3, Ok(Item::Null)));
        }
    }

    #[test]
    fn heads_of_byte_strings_are_read_back() {
        for len in [0, 23, 24, 0xFF, 0x100, 0xFFFF] {
            let mut bytes = Vec::new();
            push_bytes_head(&mut bytes, len);
            bytes.resize(bytes.len() + len, 7);
            assert!(matches!(one(&bytes), Some(Item::Bytes(read)) if read.len() == len), "{len}");
        }
    }
}
