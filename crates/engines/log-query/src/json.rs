//! A scanner of JSON texts that skips what nobody asked for, instead of building a tree of it.
//!
//! It accepts exactly the texts of RFC 8259, up to [`MAX_DEPTH`] levels of nesting.

use std::borrow::Cow;

/// The deepest nesting that is read. A deeper text is not JSON for our purposes.
pub(crate) const MAX_DEPTH: usize = 128;

/// The text is not JSON, or is nested too deeply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

pub(crate) type Scan<T> = Result<T, Malformed>;

/// What stands between the quotes of a JSON string, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RawString<'a> {
    text: &'a str,
    escaped: bool,
}

impl<'a> RawString<'a> {
    /// The string's value. A lone half of a surrogate pair becomes U+FFFD.
    pub(crate) fn decode(self) -> Cow<'a, str> {
        if self.escaped { Cow::Owned(unescape(self.text)) } else { Cow::Borrowed(self.text) }
    }

    /// Whether its value is `other`.
    pub(crate) fn is(self, other: &str) -> bool {
        if self.escaped { unescape(self.text) == other } else { self.text == other }
    }
}

/// A value without parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    /// As written.
    Number(&'a str),
    String(RawString<'a>),
}

/// What kind of value comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    Scalar,
}

/// Reads one text from its beginning to its end.
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// How many scalars have been passed, skipped ones included.
    pub(crate) scalars: usize,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, scalars: 0 }
    }

    /// The kind of the value that comes next, after white space.
    pub(crate) fn kind(&mut self) -> Scan<Kind> {
        match self.next_byte() {
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(_) => Ok(Kind::Scalar),
            None => Err(Malformed),
        }
    }

    /// Nothing but white space is left.
    pub(crate) fn end(&mut self) -> Scan<()> {
        if self.next_byte().is_none() { Ok(()) } else { Err(Malformed) }
    }

    /// Reads an object at `depth`, which counts from zero. `member` must read or skip each value.
    pub(crate) fn object(
        &mut self,
        depth: usize,
        mut member: impl FnMut(&mut Self, RawString<'a>) -> Scan<()>,
    ) -> Scan<()> {
        self.open(depth)?;
        if self.next_byte() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            if self.next_byte() != Some(b'"') {
                return Err(Malformed);
            }
            let key = self.string()?;
            self.expect(b':')?;
            member(self, key)?;
            if self.closes(b'}')? {
                return Ok(());
            }
        }
    }

    /// Reads an array at `depth`, which counts from zero. `element` must read or skip each value.
    pub(crate) fn array(
        &mut self,
        depth: usize,
        mut element: impl FnMut(&mut Self, usize) -> Scan<()>,
    ) -> Scan<()> {
        self.open(depth)?;
        if self.next_byte() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        let mut index = 0;
        loop {
            element(self, index)?;
            index += 1;
            if self.closes(b']')? {
                return Ok(());
            }
        }
    }

    /// Passes a value of any kind.
    pub(crate) fn skip(&mut self, depth: usize) -> Scan<()> {
        match self.kind()? {
            Kind::Object => self.object(depth, |scanner, _| scanner.skip(depth + 1)),
            Kind::Array => self.array(depth, |scanner, _| scanner.skip(depth + 1)),
            Kind::Scalar => self.scalar().map(drop),
        }
    }

    /// Reads a value without parts.
    pub(crate) fn scalar(&mut self) -> Scan<Scalar<'a>> {
        self.scalars += 1;
        match self.next_byte() {
            Some(b'"') => Ok(Scalar::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => Ok(Scalar::Number(self.number()?)),
            Some(b't') => self.word("true").map(|()| Scalar::Bool(true)),
            Some(b'f') => self.word("false").map(|()| Scalar::Bool(false)),
            Some(b'n') => self.word("null").map(|()| Scalar::Null),
            _ => Err(Malformed),
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The byte after white space.
    fn next_byte(&mut self) -> Option<u8> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                other => return other,
            }
        }
    }

    /// Passes the bracket that `kind` saw.
    fn open(&mut self, depth: usize) -> Scan<()> {
        if depth >= MAX_DEPTH {
            return Err(Malformed);
        }
        self.next_byte();
        self.at += 1;
        Ok(())
    }

    fn expect(&mut self, byte: u8) -> Scan<()> {
        if self.next_byte() != Some(byte) {
            return Err(Malformed);
        }
        self.at += 1;
        Ok(())
    }

    /// Passes a comma, or the bracket that ends the list: then true.
    fn closes(&mut self, end: u8) -> Scan<bool> {
        let byte = self.next_byte();
        self.at += 1;
        match byte {
            Some(b',') => Ok(false),
            Some(byte) if byte == end => Ok(true),
            _ => Err(Malformed),
        }
    }

    fn word(&mut self, word: &str) -> Scan<()> {
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(Malformed);
        }
        self.at += word.len();
        Ok(())
    }

    /// Reads a string whose opening quote comes next.
    fn string(&mut self) -> Scan<RawString<'a>> {
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.at += plain_length(self.rest());
            match self.peek() {
                Some(b'"') => {
                    let text = self.text.get(start..self.at).ok_or(Malformed)?;
                    self.at += 1;
                    return Ok(RawString { text, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.at += escape_length(self.rest())?;
                }
                _ => return Err(Malformed),
            }
        }
    }

    fn number(&mut self) -> Scan<&'a str> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits()?,
            _ => return Err(Malformed),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        self.text.get(start..self.at).ok_or(Malformed)
    }

    fn digits(&mut self) -> Scan<()> {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 { Err(Malformed) } else { Ok(()) }
    }
}

/// How many bytes come before a quote, a backslash or a control character: eight at a time.
fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    // The lowest byte that either marks is right; marks above it may not be, and are not looked at.
    let less = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & HIGH;
    let equal = |word: u64, byte: u64| less(word ^ (ONES * byte), 1);
    let mut length = 0;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let word = u64::from_le_bytes(chunk.try_into().unwrap_or_default());
        let marks = less(word, 0x20) | equal(word, 0x22) | equal(word, 0x5c);
        if marks != 0 {
            return length + usize::try_from(marks.trailing_zeros() / 8).unwrap_or_default();
        }
        length += 8;
    }
    length
        + chunks
            .remainder()
            .iter()
            .take_while(|byte| **byte >= 0x20 && **byte != b'"' && **byte != b'\\')
            .count()
}

/// The length of the escape that begins `bytes`.
fn escape_length(bytes: &[u8]) -> Scan<usize> {
    match bytes.get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
        Some(b'u') if bytes.get(2..6).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) => Ok(6),
        _ => Err(Malformed),
    }
}

/// The value of a JSON string from the text between its quotes, whose escapes are known to be well formed.
fn unescape(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut units = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (plain, tail) = rest.split_at(at);
        flush(&mut units, &mut value, plain);
        let length = if tail.as_bytes().get(1) == Some(&b'u') { 6 } else { 2 };
        let (escape, after) = tail.split_at_checked(length).unwrap_or((tail, ""));
        match escape.as_bytes().get(1) {
            Some(b'u') => {
                let hex = escape.get(2..).unwrap_or_default();
                units.push(u16::from_str_radix(hex, 16).unwrap_or(0xfffd));
            }
            other => {
                let character = match other {
                    Some(b'b') => '\u{8}',
                    Some(b'f') => '\u{c}',
                    Some(b'n') => '\n',
                    Some(b'r') => '\r',
                    Some(b't') => '\t',
                    Some(byte) => char::from(*byte),
                    None => '\\',
                };
                flush(&mut units, &mut value, character.encode_utf8(&mut [0; 4]));
            }
        }
        rest = after;
    }
    drain(&mut units, &mut value);
    value.push_str(rest);
    value
}

/// Writes the UTF-16 units that have gathered, then `plain`, if there is any.
fn flush(units: &mut Vec<u16>, value: &mut String, plain: &str) {
    if plain.is_empty() {
        return;
    }
    drain(units, value);
    value.push_str(plain);
}

fn drain(units: &mut Vec<u16>, value: &mut String) {
    let decoded = char::decode_utf16(units.drain(..));
    value.extend(decoded.map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::*;

    fn accepts(text: &str) -> bool {
        let mut scanner = Scanner::new(text);
        scanner.skip(0).and_then(|()| scanner.end()).is_ok()
    }

    #[test]
    fn it_accepts_what_serde_json_accepts() {
        for text in [
            "null",
            " true ",
            "false",
            "0",
            "-0",
            "01",
            "1.",
            ".5",
            "1.5e+3",
            "1e",
            "-",
            "\"a\"",
            "\"\\u00e9\"",
            "\"\\x\"",
            "\"\u{1}\"",
            "\"tab\there\"",
            "[1,2]",
            "[1,]",
            "{\"a\":1,}",
            "{\"a\"}",
            "{a:1}",
            "{} x",
            "",
            "\"long enough for a word \\n and more\"",
            "nul",
            "[[[]]]",
            "{\"a\":{\"b\":[{}]}}",
            "\"é…\"",
            "]",
            "}",
        ] {
            assert_eq!(accepts(text), serde_json::from_str::<IgnoredAny>(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(accepts(&nested(MAX_DEPTH)));
        assert!(!accepts(&nested(MAX_DEPTH + 1)));
        assert!(!accepts(&"[".repeat(1_000_000)));
    }

    #[test]
    fn strings_have_their_value() {
        for (text, value) in [
            (r#""plain""#, "plain"),
            (r#""a\"b\\c\/d""#, "a\"b\\c/d"),
            (r#""\b\f\n\r\t""#, "\u{8}\u{c}\n\r\t"),
            (r#""\u00e9\ud83d\ude00!""#, "é😀!"),
            (r#""\ud83dx""#, "\u{fffd}x"),
            (r#""end\u0041""#, "endA"),
        ] {
            let scalar = Scanner::new(text).scalar().unwrap();
            let Scalar::String(string) = scalar else { panic!("{scalar:?}") };
            assert_eq!(string.decode(), value);
            assert!(string.is(value));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn texts_that_look_like_json_agree_with_serde_json(text in r#"[\[\]{}",:0-9eE.+\-\\untfalsr \u{e9}]{0,24}"#) {
            prop_assert_eq!(accepts(&text), serde_json::from_str::<IgnoredAny>(&text).is_ok());
        }

        #[test]
        fn strings_agree_with_serde_json(value in ".{0,24}") {
            let text = serde_json::to_string(&value).unwrap();
            let Ok(Scalar::String(string)) = Scanner::new(&text).scalar() else { panic!("{text}") };
            prop_assert_eq!(string.decode(), value);
        }
    }
}
