//! Reading JSON.

use base64_simd::STANDARD;
use garrison_schema::{
    EachElement, EachEntry, EachMember, Issues, Kind, Location, Member, ReadError, Reader, Segment,
};
use garrison_types::Timestamp;

use super::parse::Parser;
use crate::codec::segment;
use crate::timestamp;

/// Reads a JSON body. Names that the model does not know are skipped, `null` is absent, the last of two equal
/// names counts. An empty body is an empty object.
///
/// The messages are those of AWS's JSON front door where it has one for the case.
pub struct JsonReader<'a> {
    parser: Parser<'a>,
    /// The structure at the place is an operation's input, of which some members stand outside of the body.
    outermost: bool,
    issues: Issues,
}

impl<'a> JsonReader<'a> {
    /// A reader of the body.
    ///
    /// # Errors
    /// The bytes are not UTF-8.
    pub fn new(body: &'a [u8]) -> Result<Self, ReadError> {
        let body = if body.is_empty() { b"{}" } else { body };
        Ok(Self { parser: Parser::new(body)?, outermost: false, issues: Issues::default() })
    }

    /// A reader of a body that holds what does not stand elsewhere of an operation's input.
    ///
    /// # Errors
    /// The bytes are not UTF-8.
    pub(crate) fn of_rest(body: &'a [u8]) -> Result<Self, ReadError> {
        Ok(Self { outermost: true, ..Self::new(body)? })
    }

    /// Reads an opening bracket or says what stands there instead.
    fn open(&mut self, bracket: u8, member: &'static Member) -> Result<(), ReadError> {
        if self.parser.eat(bracket) {
            return self.parser.descend();
        }
        Err(match self.parser.peek() {
            Some(b'{') => ReadError::new("Start of structure or map found where not expected"),
            Some(b'[') => ReadError::new(format!("Unrecognized collection type {}", member.shape().name)),
            _ => ReadError::new("Unexpected field type"),
        })
    }

    /// What the value at the place is, against what it should be.
    fn mismatch(&mut self, wanted: &str) -> ReadError {
        let found = match self.parser.peek() {
            Some(b'{') => return ReadError::new("Start of structure or map found where not expected"),
            Some(b'[') => return ReadError::new(format!("Unrecognized collection type {wanted}")),
            Some(b'"') => "STRING_VALUE",
            Some(b't') => "TRUE_VALUE",
            Some(b'f') => "FALSE_VALUE",
            Some(b'-' | b'0'..=b'9') => match self.parser.number() {
                Ok(Some(number)) if number.contains(['.', 'e', 'E']) => "DECIMAL_VALUE",
                Ok(_) => "NUMBER_VALUE",
                Err(error) => return error,
            },
            _ => return ReadError::new("Unexpected token received from parser"),
        };
        ReadError::new(format!("{found} cannot be converted to {wanted}"))
    }

    /// A number without its fraction, which AWS cuts off.
    fn whole(&mut self, wanted: &str) -> Result<i64, ReadError> {
        let Some(number) = self.parser.number()? else { return Err(self.mismatch(wanted)) };
        if let Ok(whole) = number.parse::<i64>() {
            return Ok(whole);
        }
        let out_of_range = || ReadError::new(format!("NUMBER_VALUE cannot be converted to {wanted}"));
        if !number.contains(['.', 'e', 'E']) {
            return Err(out_of_range());
        }
        let decimal = number.parse::<f64>().map_err(|_| out_of_range())?.trunc();
        #[expect(clippy::cast_possible_truncation, reason = "in range by the check")]
        let whole = (decimal.abs() < 9.2e18).then_some(decimal as i64);
        whole.ok_or_else(out_of_range)
    }

    /// Runs `read` with the segment noted.
    fn within(
        &mut self,
        segment: Option<Segment>,
        read: impl FnOnce(&mut Self) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let Some(segment) = segment else { return read(self) };
        self.issues.enter(segment);
        let result = read(self);
        self.issues.leave();
        result
    }
}

/// The member of this wire name. A body mostly has the model's order, so the search begins at `next`.
fn find(members: &'static [Member], next: usize, name: &str) -> Option<&'static Member> {
    let is = |member: &&'static Member| member.wire() == name;
    let (before, after) = members.split_at_checked(next).unwrap_or((members, &[]));
    after.iter().find(is).or_else(|| before.iter().find(is))
}

impl Reader for JsonReader<'_> {
    fn boolean(&mut self, _member: &'static Member) -> Result<bool, ReadError> {
        if self.parser.eat_word("true") {
            Ok(true)
        } else if self.parser.eat_word("false") {
            Ok(false)
        } else if self.parser.peek() == Some(b'"') {
            Err(ReadError::new("Unexpected token received from parser"))
        } else {
            Err(self.mismatch("Boolean"))
        }
    }

    fn integer(&mut self, _member: &'static Member) -> Result<i32, ReadError> {
        let whole = self.whole("Integer")?;
        i32::try_from(whole).map_err(|_| ReadError::new("NUMBER_VALUE cannot be converted to Integer"))
    }

    fn long(&mut self, _member: &'static Member) -> Result<i64, ReadError> {
        self.whole("Long")
    }

    fn double(&mut self, _member: &'static Member) -> Result<f64, ReadError> {
        if self.parser.peek() == Some(b'"') {
            // Smithy writes the values that JSON has no number for as strings.
            for (word, value) in
                [("\"NaN\"", f64::NAN), ("\"Infinity\"", f64::INFINITY), ("\"-Infinity\"", f64::NEG_INFINITY)]
            {
                if self.parser.eat_word(word) {
                    return Ok(value);
                }
            }
        }
        match self.parser.number()? {
            Some(number) => {
                number.parse().map_err(|_| ReadError::new("NUMBER_VALUE cannot be converted to Double"))
            }
            None => Err(self.mismatch("Double")),
        }
    }

    fn string(&mut self, _member: &'static Member) -> Result<String, ReadError> {
        if self.parser.eat(b'"') {
            Ok(self.parser.string_tail()?.into_owned())
        } else {
            Err(self.mismatch("String"))
        }
    }

    fn blob(&mut self, _member: &'static Member) -> Result<Vec<u8>, ReadError> {
        if !self.parser.eat(b'"') {
            return Err(match self.parser.peek() {
                Some(b'{' | b'[') => self.mismatch("ByteBuffer"),
                _ => ReadError::new("only base-64-encoded strings are convertible to bytes"),
            });
        }
        let text = self.parser.string_tail()?;
        STANDARD.decode_to_vec(text.as_bytes()).map_err(|_| {
            let length = text.len();
            if length % 4 == 0 {
                ReadError::new("Invalid Base64 character detected")
            } else {
                ReadError::new(format!(
                    "Base64 encoded length is expected a multiple of 4 bytes but found: {length}"
                ))
            }
        })
    }

    fn timestamp(&mut self, _member: &'static Member) -> Result<Timestamp, ReadError> {
        let time = if self.parser.eat(b'"') {
            timestamp::from_text(&self.parser.string_tail()?)
        } else if let Some(number) = self.parser.number()? {
            number.parse().ok().and_then(timestamp::from_seconds)
        } else {
            return Err(self.mismatch("Date"));
        };
        time.ok_or_else(|| ReadError::new("Unable to parse date"))
    }

    fn document(&mut self, _member: &'static Member) -> Result<String, ReadError> {
        self.parser.peek();
        let start = self.parser.at();
        self.parser.skip()?;
        Ok(self.parser.since(start).to_owned())
    }

    fn structure(&mut self, member: &'static Member, each: &mut EachMember<'_>) -> Result<(), ReadError> {
        self.open(b'{', member)?;
        let members = member.shape().members();
        let outermost = std::mem::take(&mut self.outermost);
        let (mut first, mut next) = (true, 0);
        while self.parser.next_item(&mut first, b'}')? {
            let name = self.parser.name()?;
            let found = find(members, next, &name);
            let Some(member) = found.filter(|member| !outermost || member.location == Location::Body) else {
                self.parser.skip()?;
                continue;
            };
            next = member.index + 1;
            if self.parser.peek() == Some(b'n') {
                self.parser.skip()?;
                continue;
            }
            let segment = segment(member, || Segment::Member(member.name));
            self.within(segment, |reader| each(reader, member))?;
        }
        self.parser.ascend()
    }

    fn list(&mut self, member: &'static Member, each: &mut EachElement<'_>) -> Result<(), ReadError> {
        let Kind::List(element) = member.shape().kind else {
            return Err(ReadError::new("Unexpected field type"));
        };
        self.open(b'[', member)?;
        let (mut first, mut number) = (true, 0);
        while self.parser.next_item(&mut first, b']')? {
            if self.parser.peek() == Some(b'n') {
                self.parser.skip()?;
                continue;
            }
            number += 1;
            let segment = segment(element, || Segment::Element(number));
            self.within(segment, |reader| each(reader))?;
        }
        self.parser.ascend()
    }

    fn map(&mut self, member: &'static Member, each: &mut EachEntry<'_>) -> Result<(), ReadError> {
        let Kind::Map(_, value) = member.shape().kind else {
            return Err(ReadError::new("Unexpected field type"));
        };
        self.open(b'{', member)?;
        let mut first = true;
        while self.parser.next_item(&mut first, b'}')? {
            let key = self.parser.name()?.into_owned();
            if self.parser.peek() == Some(b'n') {
                self.parser.skip()?;
                continue;
            }
            let segment = segment(value, || Segment::Entry(key.clone()));
            self.within(segment, |reader| each(reader, key))?;
        }
        self.parser.ascend()
    }

    fn issues(&mut self) -> &mut Issues {
        &mut self.issues
    }
}
