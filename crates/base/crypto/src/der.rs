//! The little DER (X.690) that this crate writes and reads itself: the CMS wrapping of a ciphertext blob, and the key
//! wrappings that AWS-LC's safe interface does not offer. Tags are single octets; lengths are definite and minimal.

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const SEQUENCE: u8 = 0x30;
/// `[0]`, constructed.
pub(crate) const CONTEXT_0: u8 = 0xA0;
/// `[0]`, primitive.
pub(crate) const CONTEXT_0_PRIMITIVE: u8 = 0x80;

/// The size of a whole element (tag, length and value) whose value has `len` bytes.
pub(crate) fn element_len(len: usize) -> usize {
    1 + length_octets(len) + len
}

fn length_octets(len: usize) -> usize {
    if len < 0x80 { 1 } else { 1 + significant_octets(len) }
}

fn significant_octets(len: usize) -> usize {
    usize::BITS.div_ceil(8) as usize - (len.leading_zeros() / 8) as usize
}

/// Appends a tag and the length of the value that the caller appends next.
pub(crate) fn push_header(out: &mut Vec<u8>, tag: u8, len: usize) {
    out.push(tag);
    match u8::try_from(len) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let count = significant_octets(len);
            out.push(0x80 | count as u8);
            out.extend(len.to_be_bytes().iter().skip(size_of::<usize>() - count));
        }
    }
}

/// One whole element whose value is the concatenation of `parts`.
pub(crate) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let len = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(element_len(len));
    push_header(&mut out, tag, len);
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

/// Whether `bytes` are one sequence and nothing else.
pub(crate) fn is_one_sequence(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    reader.element(SEQUENCE).is_some() && reader.end().is_some()
}

/// Reads elements one after another. It borrows, allocates nothing, and never reads past its input.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(input: &'a [u8]) -> Self {
        Self(input)
    }

    /// The value of the next element, if its tag is `tag` and its length is minimal and within the input.
    pub(crate) fn element(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (len, rest) = match *first {
            short @ 0..=0x7F => (usize::from(short), rest),
            // Three length octets are enough for everything read here, and bound it.
            0x81 => {
                let (len, rest) = rest.split_first()?;
                (usize::from(*len), rest)
            }
            0x82 => {
                let (len, rest) = rest.split_first_chunk::<2>()?;
                (usize::from(u16::from_be_bytes(*len)), rest)
            }
            0x83 => {
                let ([high, middle, low], rest) = rest.split_first_chunk::<3>()?;
                (usize::try_from(u32::from_be_bytes([0, *high, *middle, *low])).ok()?, rest)
            }
            _ => return None,
        };
        let minimal = match *first {
            0x81 => len >= 0x80,
            0x82 => len >= 0x100,
            0x83 => len >= 0x1_0000,
            _ => true,
        };
        let (value, rest) = rest.split_at_checked(len)?;
        self.0 = rest;
        (*found == tag && minimal).then_some(value)
    }

    /// Skips exactly these bytes.
    pub(crate) fn expect(&mut self, bytes: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(bytes)?;
        Some(())
    }

    /// The tag of the next element.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_round_trip_and_are_minimal() {
        for len in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0x12_3456] {
            let value = vec![7; len];
            let bytes = element(OCTET_STRING, &[&value]);
            assert_eq!(bytes.len(), element_len(len));
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.element(OCTET_STRING), Some(value.as_slice()));
            assert!(reader.end().is_some());
        }
    }

    #[test]
    fn refuses_what_is_not_der() {
        for bytes in [
            &[0x04][..],
            &[0x04, 0x01],
            &[0x04, 0x80],
            &[0x04, 0x81, 0x01, 0x00],
            &[0x04, 0x82, 0x00, 0x01, 0x00],
            &[0x04, 0x83, 0x00, 0x00, 0x01, 0x00],
            &[0x04, 0x83, 0x01, 0x00],
            &[0x04, 0x84, 0x00, 0x00, 0x00, 0x01, 0x00],
            &[0x30, 0x00],
        ] {
            assert_eq!(Reader::new(bytes).element(OCTET_STRING), None, "{bytes:02x?}");
        }
    }
}
