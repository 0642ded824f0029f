//! Reading CBOR.

use garrison_schema::{EachElement, EachEntry, EachMember, Issues, Kind, Member, ReadError, Reader, Segment};
use garrison_types::Timestamp;

use super::parse::{Head, Parser};
use crate::codec::segment;
use crate::timestamp;

/// Reads a CBOR body. Names that the model does not know are skipped, null and undefined are absent, the last of
/// two equal names counts. An empty body is an empty map: an operation without input has none.
pub struct CborReader<'a> {
    parser: Parser<'a>,
    empty: bool,
    issues: Issues,
}

impl<'a> CborReader<'a> {
    /// A reader of the body.
    pub fn new(body: &'a [u8]) -> Self {
        Self { parser: Parser::new(body), empty: body.is_empty(), issues: Issues::default() }
    }

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

    /// Reads a null, if there is one.
    fn eat_null(&mut self) -> Result<bool, ReadError> {
        let null = self.parser.peek()? == Head::Null;
        if null {
            self.parser.head()?;
        }
        Ok(null)
    }

    fn whole(&mut self, member: &Member) -> Result<i64, ReadError> {
        match self.parser.head()? {
            Head::Unsigned(number) => i64::try_from(number).map_err(|_| mismatch(member)),
            Head::Negative(number) => {
                i64::try_from(number).map(|number| -1 - number).map_err(|_| mismatch(member))
            }
            _ => Err(mismatch(member)),
        }
    }

    /// A key of a map; `None` when it is not text, which no model has.
    fn key(&mut self) -> Result<Option<String>, ReadError> {
        match self.parser.peek()? {
            Head::Text(length) => {
                self.parser.head()?;
                self.parser.text(length).map(Some)
            }
            _ => self.parser.skip().map(|()| None),
        }
    }
}

/// The member of this name. The protocol knows no other names than the model's; botocore sends the other one, where
/// there is one.
fn find(members: &'static [Member], name: &str) -> Option<&'static Member> {
    members.iter().find(|member| member.name == name || member.wire() == name)
}

/// The value is not of the member's type.
fn mismatch(member: &Member) -> ReadError {
    ReadError::new(format!("The value of {} has the wrong type", member.name))
}

#[expect(clippy::cast_precision_loss, reason = "the nearest double is what a double member holds")]
fn nearest(number: u64) -> f64 {
    number as f64
}

impl Reader for CborReader<'_> {
    fn boolean(&mut self, member: &'static Member) -> Result<bool, ReadError> {
        match self.parser.head()? {
            Head::Boolean(value) => Ok(value),
            _ => Err(mismatch(member)),
        }
    }

    fn integer(&mut self, member: &'static Member) -> Result<i32, ReadError> {
        i32::try_from(self.whole(member)?).map_err(|_| mismatch(member))
    }

    fn long(&mut self, member: &'static Member) -> Result<i64, ReadError> {
        self.whole(member)
    }

    fn double(&mut self, member: &'static Member) -> Result<f64, ReadError> {
        match self.parser.head()? {
            Head::Float(value) => Ok(value),
            Head::Unsigned(number) => Ok(nearest(number)),
            Head::Negative(number) => Ok(-1.0 - nearest(number)),
            _ => Err(mismatch(member)),
        }
    }

    fn string(&mut self, member: &'static Member) -> Result<String, ReadError> {
        match self.parser.head()? {
            Head::Text(length) => self.parser.text(length),
            _ => Err(mismatch(member)),
        }
    }

    fn blob(&mut self, member: &'static Member) -> Result<Vec<u8>, ReadError> {
        match self.parser.head()? {
            Head::Bytes(length) => self.parser.bytes(length, false),
            _ => Err(mismatch(member)),
        }
    }

    fn timestamp(&mut self, member: &'static Member) -> Result<Timestamp, ReadError> {
        // Tag 1: seconds since the epoch.
        if self.parser.head()? != Head::Tag(1) {
            return Err(mismatch(member));
        }
        timestamp::from_seconds(self.double(member)?).ok_or_else(|| mismatch(member))
    }

    fn document(&mut self, _member: &'static Member) -> Result<String, ReadError> {
        Err(ReadError::new("RPC v2 CBOR has no documents"))
    }

    fn structure(&mut self, member: &'static Member, each: &mut EachMember<'_>) -> Result<(), ReadError> {
        if self.empty && self.parser.is_at_end() {
            return Ok(());
        }
        let Head::Map(mut left) = self.parser.head()? else { return Err(mismatch(member)) };
        self.parser.descend()?;
        let members = member.shape().members();
        while self.parser.next_item(&mut left)? {
            let name = self.key()?;
            let member = name.and_then(|name| find(members, &name));
            let Some(member) = member else {
                self.parser.skip()?;
                continue;
            };
            if !self.eat_null()? {
                let segment = segment(member, || Segment::Member(member.name));
                self.within(segment, |reader| each(reader, member))?;
            }
        }
        self.parser.ascend()
    }

    fn list(&mut self, member: &'static Member, each: &mut EachElement<'_>) -> Result<(), ReadError> {
        let Kind::List(element) = member.shape().kind else { return Err(mismatch(member)) };
        let Head::Array(mut left) = self.parser.head()? else { return Err(mismatch(member)) };
        self.parser.descend()?;
        let mut number = 0;
        while self.parser.next_item(&mut left)? {
            if !self.eat_null()? {
                number += 1;
                let segment = segment(element, || Segment::Element(number));
                self.within(segment, |reader| each(reader))?;
            }
        }
        self.parser.ascend()
    }

    fn map(&mut self, member: &'static Member, each: &mut EachEntry<'_>) -> Result<(), ReadError> {
        let Kind::Map(_, value) = member.shape().kind else { return Err(mismatch(member)) };
        let Head::Map(mut left) = self.parser.head()? else { return Err(mismatch(member)) };
        self.parser.descend()?;
        while self.parser.next_item(&mut left)? {
            let key = self.key()?.ok_or_else(|| mismatch(member))?;
            if !self.eat_null()? {
                let segment = segment(value, || Segment::Entry(key.clone()));
                self.within(segment, |reader| each(reader, key))?;
            }
        }
        self.parser.ascend()
    }

    fn issues(&mut self) -> &mut Issues {
        &mut self.issues
    }
}
