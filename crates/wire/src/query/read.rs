//! Reading forms.

use std::borrow::Cow;
use std::collections::BTreeSet;

use base64_simd::STANDARD;
use garrison_schema::{EachElement, EachEntry, EachMember, Issues, Kind, Member, ReadError, Reader, Segment};
use garrison_types::Timestamp;

use crate::MAX_DEPTH;
use crate::codec::segment;
use crate::percent;
use crate::timestamp;

/// The most parameters that a form may have.
const MAX_PARAMETERS: usize = 10_000;

/// Reads a form: `Tags.member.1.Key=a&Tags.member.1.Value=b`. Names that the model does not know are skipped; the
/// last of two equal names counts.
pub struct QueryReader<'a> {
    /// Sorted by name, so that what stands below a name stands together.
    parameters: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// The name of the value at the place.
    path: String,
    depth: usize,
    issues: Issues,
}

impl<'a> QueryReader<'a> {
    /// A reader of the form.
    ///
    /// # Errors
    /// It has too many parameters, or a name or value is not percent-encoded UTF-8.
    pub fn new(form: &'a [u8]) -> Result<Self, ReadError> {
        let mut parameters = Vec::new();
        for pair in form.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if parameters.len() == MAX_PARAMETERS {
                return Err(ReadError::new("The request has too many parameters"));
            }
            let (name, value) = match memchr::memchr(b'=', pair) {
                Some(at) => (pair.get(..at).unwrap_or_default(), pair.get(at + 1..).unwrap_or_default()),
                None => (pair, &b""[..]),
            };
            parameters.push((decode(name)?, decode(value)?));
        }
        // Stable: of equal names the last one stays last.
        parameters.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Self { parameters, path: String::new(), depth: 0, issues: Issues::default() })
    }

    /// The parameters from the first whose name is not before `name`.
    fn from(&self, name: &str) -> &[(Cow<'a, str>, Cow<'a, str>)] {
        let start = self.parameters.partition_point(|(key, _)| key.as_ref() < name);
        self.parameters.get(start..).unwrap_or_default()
    }

    /// The value of the parameter at the place.
    fn value(&self) -> Option<&str> {
        let same = self.from(&self.path).iter().take_while(|(name, _)| *name == self.path);
        same.last().map(|(_, value)| value.as_ref())
    }

    /// The value of the parameter at the place, which must be there.
    fn scalar(&self) -> Result<&str, ReadError> {
        self.value().ok_or_else(|| ReadError::new(format!("{} must have a value", self.path)))
    }

    /// The names below the place, without the place and its dot.
    fn below(&self) -> impl Iterator<Item = &str> {
        let at_root = self.path.is_empty();
        let prefix = if at_root { String::new() } else { format!("{}.", self.path) };
        let length = prefix.len();
        let names = self.from(&prefix).iter().map(|(name, _)| name.as_ref());
        names.take_while(move |name| name.starts_with(&prefix)).filter_map(move |name| name.get(length..))
    }

    fn is_present(&self) -> bool {
        self.value().is_some() || self.below().next().is_some()
    }

    /// The numbers that follow the place, in order: `1` and `12` of `Tags.member.1.Key` and `Tags.member.12.Key`.
    fn numbers(&self) -> BTreeSet<u32> {
        self.below()
            .filter_map(|name| name.split('.').next().and_then(|digits| digits.parse().ok()))
            .collect()
    }

    /// Runs `read` at a place below this one.
    fn within(
        &mut self,
        steps: &[&str],
        segment: Option<Segment>,
        read: impl FnOnce(&mut Self) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        if self.depth == MAX_DEPTH {
            return Err(ReadError::new("The request nests too deep"));
        }
        let length = self.path.len();
        for step in steps {
            if !self.path.is_empty() {
                self.path.push('.');
            }
            self.path.push_str(step);
        }
        let noted = segment.is_some();
        self.depth += 1;
        segment.into_iter().for_each(|segment| self.issues.enter(segment));
        let result = read(self);
        if noted {
            self.issues.leave();
        }
        self.depth -= 1;
        self.path.truncate(length);
        result
    }

    fn malformed(&self, wanted: &str) -> ReadError {
        ReadError::new(format!("{} must be {wanted}", self.path))
    }
}

/// The name of a structure's member in the form: a flattened list goes by its element's name.
fn form_name(member: &'static Member) -> &'static str {
    match member.shape().kind {
        Kind::List(element) if member.flattened => element.wire_name.unwrap_or_else(|| member.wire()),
        _ => member.wire(),
    }
}

/// Undoes `+` and `%XX`.
fn decode(encoded: &[u8]) -> Result<Cow<'_, str>, ReadError> {
    percent::decode(encoded, true)
        .ok_or_else(|| ReadError::new("The request is not a form: a parameter is malformed"))
}

impl Reader for QueryReader<'_> {
    fn boolean(&mut self, _member: &'static Member) -> Result<bool, ReadError> {
        let text = self.scalar()?;
        if text.eq_ignore_ascii_case("true") {
            Ok(true)
        } else if text.eq_ignore_ascii_case("false") {
            Ok(false)
        } else {
            Err(self.malformed("a boolean"))
        }
    }

    fn integer(&mut self, _member: &'static Member) -> Result<i32, ReadError> {
        self.scalar()?.parse().map_err(|_| self.malformed("an integer"))
    }

    fn long(&mut self, _member: &'static Member) -> Result<i64, ReadError> {
        self.scalar()?.parse().map_err(|_| self.malformed("an integer"))
    }

    fn double(&mut self, _member: &'static Member) -> Result<f64, ReadError> {
        self.scalar()?.parse().map_err(|_| self.malformed("a number"))
    }

    fn string(&mut self, _member: &'static Member) -> Result<String, ReadError> {
        self.scalar().map(str::to_owned)
    }

    fn blob(&mut self, _member: &'static Member) -> Result<Vec<u8>, ReadError> {
        STANDARD.decode_to_vec(self.scalar()?).map_err(|_| self.malformed("base64"))
    }

    fn timestamp(&mut self, _member: &'static Member) -> Result<Timestamp, ReadError> {
        let text = self.scalar()?;
        timestamp::from_any(text).ok_or_else(|| self.malformed("a date and time"))
    }

    fn document(&mut self, _member: &'static Member) -> Result<String, ReadError> {
        Err(ReadError::new("The query protocol has no documents"))
    }

    fn structure(&mut self, member: &'static Member, each: &mut EachMember<'_>) -> Result<(), ReadError> {
        for member in member.shape().members() {
            let segment = segment(member, || Segment::Member(member.name));
            self.within(&[form_name(member)], segment, |reader| {
                if reader.is_present() { each(reader, member) } else { Ok(()) }
            })?;
        }
        Ok(())
    }

    fn list(&mut self, member: &'static Member, each: &mut EachElement<'_>) -> Result<(), ReadError> {
        let Kind::List(element) = member.shape().kind else { return Err(self.malformed("a list")) };
        // `Tags=` is the empty list.
        let steps: &[&str] = if member.flattened { &[] } else { &[element.wire()] };
        self.within(steps, None, |reader| {
            for (position, number) in reader.numbers().into_iter().enumerate() {
                let segment = segment(element, || Segment::Element(position + 1));
                reader.within(&[&number.to_string()], segment, |reader| each(reader))?;
            }
            Ok(())
        })
    }

    fn map(&mut self, member: &'static Member, each: &mut EachEntry<'_>) -> Result<(), ReadError> {
        let Kind::Map(key_member, value_member) = member.shape().kind else {
            return Err(self.malformed("a map"));
        };
        let steps: &[&str] = if member.flattened { &[] } else { &["entry"] };
        self.within(steps, None, |reader| {
            for number in reader.numbers() {
                let number = number.to_string();
                let mut key = String::new();
                reader.within(&[&number, key_member.wire()], None, |reader| {
                    key = reader.scalar()?.to_owned();
                    Ok(())
                })?;
                let segment = segment(value_member, || Segment::Entry(key.clone()));
                reader.within(&[&number, value_member.wire()], segment, |reader| each(reader, key))?;
            }
            Ok(())
        })
    }

    fn issues(&mut self) -> &mut Issues {
        &mut self.issues
    }
}
