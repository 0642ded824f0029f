//! The bytes of an answer while they are written.

use base64_simd::STANDARD;
use zeroize::Zeroize;

/// An answer, ready for HTTP.
#[derive(Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The status.
    pub status: u16,
    /// Headers that the protocol demands, `content-type` among them; names in lower case.
    pub headers: &'static [(&'static str, &'static str)],
    /// The body.
    pub bytes: Vec<u8>,
    /// The body holds secrets: overwrite it when it has been sent.
    pub sensitive: bool,
}

impl std::fmt::Debug for Encoded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoded")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("length", &self.bytes.len())
            .field("sensitive", &self.sensitive)
            .finish_non_exhaustive()
    }
}

/// A growing body. Once it holds a secret, growing overwrites what is left behind.
#[derive(Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    sensitive: bool,
}

impl Buffer {
    /// An empty body with room for a usual answer.
    pub(crate) fn new() -> Self {
        Self { bytes: Vec::with_capacity(1024), sensitive: false }
    }

    /// From here on the body holds secrets.
    pub(crate) fn mark_sensitive(&mut self) {
        self.sensitive = true;
    }

    /// Makes room for `more` bytes.
    fn reserve(&mut self, more: usize) {
        if self.bytes.capacity() - self.bytes.len() >= more {
            return;
        }
        if !self.sensitive {
            self.bytes.reserve(more);
            return;
        }
        let capacity = self.bytes.len().saturating_add(more).max(self.bytes.capacity().saturating_mul(2));
        let mut larger = Vec::with_capacity(capacity);
        larger.extend_from_slice(&self.bytes);
        self.bytes.zeroize();
        self.bytes = larger;
    }

    /// Appends a byte.
    pub(crate) fn push(&mut self, byte: u8) {
        self.reserve(1);
        self.bytes.push(byte);
    }

    /// Appends bytes.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends bytes in base64.
    pub(crate) fn extend_base64(&mut self, bytes: &[u8]) {
        self.reserve(STANDARD.encoded_length(bytes.len()));
        STANDARD.encode_append(bytes, &mut self.bytes);
    }

    /// Appends the text of a number.
    pub(crate) fn extend_display(&mut self, value: impl std::fmt::Display) {
        self.reserve(32);
        // Writing to a vector cannot fail.
        let _ = std::io::Write::write_fmt(&mut self.bytes, format_args!("{value}"));
    }

    /// The bytes, and whether they hold secrets.
    pub(crate) fn into_parts(self) -> (Vec<u8>, bool) {
        (self.bytes, self.sensitive)
    }

    /// The answer.
    pub(crate) fn finish(self, status: u16, headers: &'static [(&'static str, &'static str)]) -> Encoded {
        Encoded { status, headers, bytes: self.bytes, sensitive: self.sensitive }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_growing_body_keeps_its_bytes() {
        for sensitive in [false, true] {
            let mut buffer = Buffer { bytes: Vec::new(), sensitive };
            let mut expected = Vec::new();
            for byte in 0..=255 {
                buffer.push(byte);
                buffer.extend(&[byte; 7]);
                expected.extend([byte; 8]);
            }
            buffer.extend_base64(b"any");
            expected.extend(b"YW55");
            let encoded = buffer.finish(200, &[]);
            assert_eq!(encoded.bytes, expected);
            assert_eq!(encoded.sensitive, sensitive);
        }
    }
}
