//! Reading XML.

use base64_simd::STANDARD;
use garrison_schema::{
    EachElement, EachEntry, EachMember, Issues, Kind, Location, Member, ReadError, Reader, Segment,
};
use garrison_types::Timestamp;

use super::parse::{Document, ElementId};
use crate::codec::segment;
use crate::timestamp;

/// Reads an XML body. Prefixes and namespaces do not count, names that the model does not know are skipped, the last
/// of two equal elements counts. The root may have any name.
pub(crate) struct XmlReader<'a> {
    document: Document<'a>,
    at: ElementId,
    /// The value at the place is this attribute of the element.
    attribute: Option<&'static str>,
    /// The items of the list or map at the place stand right in the element.
    flat: bool,
    /// The structure at the place is an operation's input, of which some members stand outside of the body.
    outermost: bool,
    issues: Issues,
}

/// Whether an element of this name holds the member, or an item of it when it is flattened.
fn is_named(member: &'static Member, name: &str) -> bool {
    let by_element = match member.shape().kind {
        Kind::List(element) if member.flattened => element.wire_name,
        _ => None,
    };
    member.wire() == name || by_element == Some(name)
}

impl<'a> XmlReader<'a> {
    /// A reader of a body that holds an operation's input, or with `payload` one member of it.
    ///
    /// # Errors
    /// The bytes are not XML.
    pub(crate) fn new(body: &'a [u8], payload: bool) -> Result<Self, ReadError> {
        let document = Document::parse(body)?;
        let at = document.root();
        Ok(Self {
            document,
            at,
            attribute: None,
            flat: false,
            outermost: !payload,
            issues: Issues::default(),
        })
    }

    fn text(&self) -> &str {
        match self.attribute {
            Some(name) => self.document.attribute(self.at, name).unwrap_or_default(),
            None => self.document.text(self.at),
        }
    }

    fn malformed(member: &Member, wanted: &str) -> ReadError {
        ReadError::new(format!("{} must be {wanted}", member.name))
    }

    fn parsed<T: std::str::FromStr>(&self, member: &Member, wanted: &str) -> Result<T, ReadError> {
        self.text().trim().parse().map_err(|_| Self::malformed(member, wanted))
    }

    /// Runs `read` at another element.
    fn within(
        &mut self,
        at: ElementId,
        segment: Option<Segment>,
        read: impl FnOnce(&mut Self) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let noted = segment.is_some();
        segment.into_iter().for_each(|segment| self.issues.enter(segment));
        let outer = std::mem::replace(&mut self.at, at);
        let result = read(self);
        self.at = outer;
        if noted {
            self.issues.leave();
        }
        result
    }

    /// The elements of the items of the list or map at the place.
    fn items(&mut self, member: &'static Member, name: &str) -> Vec<ElementId> {
        let flat = std::mem::take(&mut self.flat);
        let children = self.document.children(self.at);
        let fits = |found: &str| if flat { is_named(member, found) } else { found == name };
        children.filter(|(_, found)| fits(found)).map(|(id, _)| id).collect()
    }

    fn child(&self, of: ElementId, name: &str) -> Option<ElementId> {
        self.document.children(of).filter(|(_, found)| *found == name).last().map(|(id, _)| id)
    }
}

impl Reader for XmlReader<'_> {
    fn boolean(&mut self, member: &'static Member) -> Result<bool, ReadError> {
        match self.text().trim() {
            text if text.eq_ignore_ascii_case("true") => Ok(true),
            text if text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(Self::malformed(member, "a boolean")),
        }
    }

    fn integer(&mut self, member: &'static Member) -> Result<i32, ReadError> {
        self.parsed(member, "an integer")
    }

    fn long(&mut self, member: &'static Member) -> Result<i64, ReadError> {
        self.parsed(member, "an integer")
    }

    fn double(&mut self, member: &'static Member) -> Result<f64, ReadError> {
        self.parsed(member, "a number")
    }

    fn string(&mut self, member: &'static Member) -> Result<String, ReadError> {
        let text = self.text();
        let text = if matches!(member.shape().kind, Kind::Enum(_)) { text.trim() } else { text };
        Ok(text.to_owned())
    }

    fn blob(&mut self, member: &'static Member) -> Result<Vec<u8>, ReadError> {
        STANDARD.decode_to_vec(self.text().trim()).map_err(|_| Self::malformed(member, "base64"))
    }

    fn timestamp(&mut self, member: &'static Member) -> Result<Timestamp, ReadError> {
        let time = timestamp::from_any(self.text().trim());
        time.ok_or_else(|| Self::malformed(member, "a date and time"))
    }

    fn document(&mut self, _member: &'static Member) -> Result<String, ReadError> {
        Err(ReadError::new("XML has no documents"))
    }

    fn structure(&mut self, member: &'static Member, each: &mut EachMember<'_>) -> Result<(), ReadError> {
        let outermost = std::mem::take(&mut self.outermost);
        let here = self.at;
        for member in member.shape().members() {
            if outermost && member.location != Location::Body {
                continue;
            }
            if member.xml_attribute {
                if self.document.attribute(here, member.wire()).is_some() {
                    self.attribute = Some(member.wire());
                    let result = each(self, member);
                    self.attribute = None;
                    result?;
                }
                continue;
            }
            let found = self.document.children(here).filter(|(_, name)| is_named(member, name));
            let Some((child, _)) = found.last() else { continue };
            self.flat = member.flattened;
            let at = if self.flat { here } else { child };
            let segment = segment(member, || Segment::Member(member.name));
            self.within(at, segment, |reader| each(reader, member))?;
            self.flat = false;
        }
        Ok(())
    }

    fn list(&mut self, member: &'static Member, each: &mut EachElement<'_>) -> Result<(), ReadError> {
        let Kind::List(element) = member.shape().kind else { return Err(Self::malformed(member, "a list")) };
        for (index, item) in self.items(member, element.wire()).into_iter().enumerate() {
            let segment = segment(element, || Segment::Element(index + 1));
            self.within(item, segment, |reader| each(reader))?;
        }
        Ok(())
    }

    fn map(&mut self, member: &'static Member, each: &mut EachEntry<'_>) -> Result<(), ReadError> {
        let Kind::Map(key_member, value_member) = member.shape().kind else {
            return Err(Self::malformed(member, "a map"));
        };
        for entry in self.items(member, "entry") {
            let key = self.child(entry, key_member.wire()).map(|id| self.document.text(id).to_owned());
            let value = self.child(entry, value_member.wire());
            let (Some(key), Some(value)) = (key, value) else {
                return Err(Self::malformed(member, "a map of keys and values"));
            };
            let segment = segment(value_member, || Segment::Entry(key.clone()));
            self.within(value, segment, |reader| each(reader, key))?;
        }
        Ok(())
    }

    fn issues(&mut self) -> &mut Issues {
        &mut self.issues
    }
}
