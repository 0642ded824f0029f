//! The data items of CBOR.

use garrison_schema::ReadError;

use crate::MAX_DEPTH;

/// What begins at a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Head {
    /// A number that is not negative.
    Unsigned(u64),
    /// -1 minus this.
    Negative(u64),
    /// Bytes of this length; `None`: chunks until a break.
    Bytes(Option<u64>),
    /// UTF-8 of this length; `None`: chunks until a break.
    Text(Option<u64>),
    /// So many items; `None`: items until a break.
    Array(Option<u64>),
    /// So many keys and values; `None`: until a break.
    Map(Option<u64>),
    /// A tag for the item that follows.
    Tag(u64),
    /// `true` or `false`.
    Boolean(bool),
    /// `null` or `undefined`.
    Null,
    /// A floating-point number.
    Float(f64),
    /// The end of something of unknown length.
    Break,
}

/// A place in CBOR bytes.
pub(super) struct Parser<'a> {
    rest: &'a [u8],
    depth: usize,
}

/// Bytes that are not CBOR.
pub(super) fn not_cbor(what: &str) -> ReadError {
    ReadError::new(format!("The request body is not CBOR: {what}"))
}

impl<'a> Parser<'a> {
    /// A parser at the start of the bytes.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, depth: 0 }
    }

    /// Nothing is left.
    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next bytes.
    fn take(&mut self, count: u64) -> Result<&'a [u8], ReadError> {
        let count = usize::try_from(count).map_err(|_| not_cbor("it ends too early"))?;
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| not_cbor("it ends too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn big_endian(&mut self, count: u64) -> Result<u64, ReadError> {
        Ok(self.take(count)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// What begins here, which stays unread.
    pub(super) fn peek(&self) -> Result<Head, ReadError> {
        Self { rest: self.rest, depth: 0 }.head()
    }

    /// Reads what begins here.
    pub(super) fn head(&mut self) -> Result<Head, ReadError> {
        let first = self.big_endian(1)?;
        let (major, info) = (first >> 5, first & 31);
        if major == 7 {
            return self.simple(info);
        }
        let argument = match info {
            0..=23 => Some(info),
            24..=27 => Some(self.big_endian(1 << (info - 24))?),
            31 => None,
            _ => return Err(not_cbor("a length is malformed")),
        };
        Ok(match (major, argument) {
            (0, Some(number)) => Head::Unsigned(number),
            (1, Some(number)) => Head::Negative(number),
            (2, length) => Head::Bytes(length),
            (3, length) => Head::Text(length),
            (4, length) => Head::Array(length),
            (5, length) => Head::Map(length),
            (6, Some(tag)) => Head::Tag(tag),
            _ => return Err(not_cbor("a length is malformed")),
        })
    }

    fn simple(&mut self, info: u64) -> Result<Head, ReadError> {
        Ok(match info {
            20 => Head::Boolean(false),
            21 => Head::Boolean(true),
            22 | 23 => Head::Null,
            25 => Head::Float(half(self.big_endian(2)?)),
            26 => Head::Float(f32::from_bits(u32::try_from(self.big_endian(4)?).unwrap_or_default()).into()),
            27 => Head::Float(f64::from_bits(self.big_endian(8)?)),
            31 => Head::Break,
            _ => return Err(not_cbor("a simple value is not known")),
        })
    }

    /// The bytes of a string whose head has been read; `inner` says what its chunks must be.
    pub(super) fn bytes(&mut self, length: Option<u64>, text: bool) -> Result<Vec<u8>, ReadError> {
        if let Some(length) = length {
            return self.take(length).map(<[u8]>::to_vec);
        }
        let mut bytes = Vec::new();
        loop {
            match (self.head()?, text) {
                (Head::Bytes(Some(length)), false) => bytes.extend_from_slice(self.take(length)?),
                (Head::Text(Some(length)), true) => {
                    let chunk = self.take(length)?;
                    std::str::from_utf8(chunk).map_err(|_| not_cbor("a text is not UTF-8"))?;
                    bytes.extend_from_slice(chunk);
                }
                (Head::Break, _) => return Ok(bytes),
                _ => return Err(not_cbor("a chunk is malformed")),
            }
        }
    }

    /// The text of a string whose head has been read.
    pub(super) fn text(&mut self, length: Option<u64>) -> Result<String, ReadError> {
        String::from_utf8(self.bytes(length, true)?).map_err(|_| not_cbor("a text is not UTF-8"))
    }

    /// Goes into an array or map whose head has been read.
    pub(super) fn descend(&mut self) -> Result<(), ReadError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(not_cbor("it nests too deep")) } else { Ok(()) }
    }

    /// Leaves an array or map. After the outermost one nothing may follow.
    pub(super) fn ascend(&mut self) -> Result<(), ReadError> {
        self.depth -= 1;
        if self.depth == 0 && !self.rest.is_empty() {
            return Err(not_cbor("something follows it"));
        }
        Ok(())
    }

    /// Whether another item follows; counts it off.
    pub(super) fn next_item(&mut self, left: &mut Option<u64>) -> Result<bool, ReadError> {
        match left {
            Some(0) => Ok(false),
            Some(count) => {
                *count -= 1;
                Ok(true)
            }
            None if self.peek()? == Head::Break => self.head().map(|_| false),
            None => Ok(true),
        }
    }

    /// Reads any item and forgets it.
    pub(super) fn skip(&mut self) -> Result<(), ReadError> {
        match self.head()? {
            Head::Bytes(length) => self.bytes(length, false).map(|_| ()),
            Head::Text(length) => self.bytes(length, true).map(|_| ()),
            Head::Tag(_) => {
                self.descend()?;
                self.skip()?;
                self.depth -= 1;
                Ok(())
            }
            Head::Array(mut left) => {
                self.descend()?;
                while self.next_item(&mut left)? {
                    self.skip()?;
                }
                self.ascend()
            }
            Head::Map(mut left) => {
                self.descend()?;
                while self.next_item(&mut left)? {
                    self.skip()?;
                    self.skip()?;
                }
                self.ascend()
            }
            Head::Break => Err(not_cbor("a break stands alone")),
            Head::Unsigned(_) | Head::Negative(_) | Head::Boolean(_) | Head::Null | Head::Float(_) => Ok(()),
        }
    }
}

/// An IEEE 754 half-precision number. Source: RFC 8949 appendix D.
fn half(bits: u64) -> f64 {
    let exponent = i32::try_from(bits >> 10 & 0x1f).unwrap_or_default();
    let mantissa = f64::from(u32::try_from(bits & 0x3ff).unwrap_or_default());
    let value = match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * 2f64.powi(exponent - 25),
    };
    if bits & 0x8000 == 0 { value } else { -value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_those_of_the_standards_examples() {
        // RFC 8949 appendix A.
        for (bytes, expected) in [
            (&[0x00][..], Head::Unsigned(0)),
            (&[0x18, 0x64], Head::Unsigned(100)),
            (&[0x1b, 0, 0, 0, 0xe8, 0xd4, 0xa5, 0x10, 0], Head::Unsigned(1_000_000_000_000)),
            (&[0x39, 0x03, 0xe7], Head::Negative(999)),
            (&[0xf9, 0x3c, 0x00], Head::Float(1.0)),
            (&[0xf9, 0x7b, 0xff], Head::Float(65504.0)),
            (&[0xf9, 0x00, 0x01], Head::Float(5.960_464_477_539_063e-8)),
            (&[0xf9, 0xc4, 0x00], Head::Float(-4.0)),
            (&[0xf9, 0x7c, 0x00], Head::Float(f64::INFINITY)),
            (&[0xfa, 0x47, 0xc3, 0x50, 0x00], Head::Float(100_000.0)),
            (&[0xfb, 0x3f, 0xf1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a], Head::Float(1.1)),
            (&[0xf5], Head::Boolean(true)),
            (&[0xf7], Head::Null),
            (&[0xc1], Head::Tag(1)),
            (&[0x5f], Head::Bytes(None)),
            (&[0x98, 0x19], Head::Array(Some(25))),
            (&[0xff], Head::Break),
        ] {
            assert_eq!(Parser::new(bytes).head().unwrap(), expected, "{bytes:x?}");
        }
        for bad in [&[][..], &[0x18], &[0x1c], &[0x1f], &[0xdf], &[0xf8, 0x20], &[0xfc]] {
            assert!(Parser::new(bad).head().is_err(), "{bad:x?}");
        }
    }
}
