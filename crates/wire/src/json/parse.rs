//! The tokens of JSON.

use std::borrow::Cow;

use garrison_schema::ReadError;

use crate::MAX_DEPTH;

/// A place in a JSON text.
pub(super) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

/// A text that is not JSON.
fn not_json(what: &str) -> ReadError {
    ReadError::new(format!("The request body is not a JSON document: {what}"))
}

impl<'a> Parser<'a> {
    /// A parser at the start of the bytes.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let text = std::str::from_utf8(bytes).map_err(|_| not_json("it is not UTF-8"))?;
        Ok(Self { text, at: 0, depth: 0 })
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// The text between two places.
    pub(super) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The place.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The next byte that is not white space, which stays unread.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// Reads this byte, after white space; false when another one is there.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<(), ReadError> {
        if self.eat(byte) { Ok(()) } else { Err(not_json(what)) }
    }

    /// Reads this word; false when something else is there.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        self.peek();
        let found = self.rest().starts_with(word.as_bytes());
        if found {
            self.at += word.len();
        }
        found
    }

    /// Goes into an object or array whose bracket has been read.
    pub(super) fn descend(&mut self) -> Result<(), ReadError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(not_json("it nests too deep")) } else { Ok(()) }
    }

    /// Leaves an object or array. After the outermost one nothing may follow.
    pub(super) fn ascend(&mut self) -> Result<(), ReadError> {
        self.depth -= 1;
        if self.depth == 0 && self.peek().is_some() {
            return Err(not_json("something follows it"));
        }
        Ok(())
    }

    /// Whether another item follows in an object or array that ends with `close`.
    pub(super) fn next_item(&mut self, first: &mut bool, close: u8) -> Result<bool, ReadError> {
        if self.eat(close) {
            // A comma before the bracket has been refused by what reads the item after it.
            return Ok(false);
        }
        if !std::mem::replace(first, false) {
            self.expect(b',', "a comma is missing")?;
        }
        Ok(true)
    }

    /// The name of an object's member, with its colon.
    pub(super) fn name(&mut self) -> Result<Cow<'a, str>, ReadError> {
        self.expect(b'"', "a member's name is missing")?;
        let name = self.string_tail()?;
        self.expect(b':', "a colon is missing")?;
        Ok(name)
    }

    /// The string whose opening quote has been read.
    pub(super) fn string_tail(&mut self) -> Result<Cow<'a, str>, ReadError> {
        let start = self.at;
        let first =
            memchr::memchr2(b'"', b'\\', self.rest()).ok_or_else(|| not_json("a string does not end"))?;
        self.at += first;
        let plain = self.since(start);
        if has_control(plain) {
            return Err(not_json("a string holds a control character"));
        }
        if self.rest().first() == Some(&b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(plain));
        }
        self.escaped_tail(plain).map(Cow::Owned)
    }

    /// The string from its first escape on; `head` is what stands before it.
    fn escaped_tail(&mut self, head: &str) -> Result<String, ReadError> {
        // The text is never longer than its JSON, so the string does not grow and leaves no copies behind.
        let end = self.string_end()?;
        let mut out = String::with_capacity(head.len() + end);
        out.push_str(head);
        loop {
            let start = self.at;
            let next =
                memchr::memchr2(b'"', b'\\', self.rest()).ok_or_else(|| not_json("a string does not end"))?;
            self.at += next;
            let plain = self.since(start);
            if has_control(plain) {
                return Err(not_json("a string holds a control character"));
            }
            out.push_str(plain);
            let quote = self.rest().first() == Some(&b'"');
            self.at += 1;
            if quote {
                return Ok(out);
            }
            out.push(self.escape()?);
        }
    }

    /// How many bytes lie before the quote that ends the string.
    fn string_end(&self) -> Result<usize, ReadError> {
        let mut escaped = false;
        self.rest()
            .iter()
            .position(|byte| {
                let ends = *byte == b'"' && !escaped;
                escaped = *byte == b'\\' && !escaped;
                ends
            })
            .ok_or_else(|| not_json("a string does not end"))
    }

    /// The character of the escape whose backslash has been read.
    fn escape(&mut self) -> Result<char, ReadError> {
        let letter = self.rest().first().copied();
        self.at += 1;
        Ok(match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let high = self.hex4()?;
                let code = match high {
                    0xd800..=0xdbff if self.rest().starts_with(b"\\u") => {
                        self.at += 2;
                        let low = self.hex4()?;
                        if !(0xdc00..=0xdfff).contains(&low) {
                            return Err(not_json("a surrogate stands alone"));
                        }
                        0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
                    }
                    code => code,
                };
                char::from_u32(code).ok_or_else(|| not_json("a surrogate stands alone"))?
            }
            _ => return Err(not_json("an escape is not known")),
        })
    }

    fn hex4(&mut self) -> Result<u32, ReadError> {
        let bad = || not_json("an escape is cut short");
        let digits = self.rest().get(..4).ok_or_else(bad)?;
        let mut code = 0;
        for digit in digits {
            code = code * 16 + char::from(*digit).to_digit(16).ok_or_else(bad)?;
        }
        self.at += 4;
        Ok(code)
    }

    /// The text of a number; `None` when none is there.
    pub(super) fn number(&mut self) -> Result<Option<&'a str>, ReadError> {
        if !matches!(self.peek(), Some(b'-' | b'0'..=b'9')) {
            return Ok(None);
        }
        let start = self.at;
        let bad = || not_json("a number is malformed");
        self.at += usize::from(self.rest().first() == Some(&b'-'));
        let leading_zero = self.rest().first() == Some(&b'0');
        let digits = self.digits();
        if digits == 0 || (leading_zero && digits > 1) {
            return Err(bad());
        }
        if self.rest().first() == Some(&b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(bad());
            }
        }
        if matches!(self.rest().first(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.rest().first(), Some(b'+' | b'-')));
            if self.digits() == 0 {
                return Err(bad());
            }
        }
        Ok(Some(self.since(start)))
    }

    fn digits(&mut self) -> usize {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        count
    }

    /// Reads any value and forgets it.
    pub(super) fn skip(&mut self) -> Result<(), ReadError> {
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.string_tail().map(|_| ())
            }
            Some(b'{') => {
                self.at += 1;
                self.descend()?;
                let mut first = true;
                while self.next_item(&mut first, b'}')? {
                    self.name()?;
                    self.skip()?;
                }
                self.ascend()
            }
            Some(b'[') => {
                self.at += 1;
                self.descend()?;
                let mut first = true;
                while self.next_item(&mut first, b']')? {
                    self.skip()?;
                }
                self.ascend()
            }
            Some(b'-' | b'0'..=b'9') => self.number().map(|_| ()),
            _ if self.eat_word("true") || self.eat_word("false") || self.eat_word("null") => Ok(()),
            Some(_) => Err(not_json("a value is malformed")),
            None => Err(not_json("it ends too early")),
        }
    }
}

/// The least byte is a control character. A minimum over all bytes is what the compiler makes vector code of.
fn has_control(text: &str) -> bool {
    text.bytes().fold(u8::MAX, u8::min) < 0x20
}
